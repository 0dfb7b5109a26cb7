"""The books as lines of a table. Each number leads to its list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from leads.balance import Balance
from leads.states import LeadState

COLUMNS = [
    LeadState.DELIVERED,
    LeadState.WAITING,
    LeadState.HELD,
    LeadState.REJECTED,
    LeadState.UNCERTAIN,
    LeadState.GAVE_UP,
    LeadState.WITHHELD,
    LeadState.KEPT,
]
"""The states in the order of the sum."""
Address = Callable[[str], str]
"""Where the list of a line's leads in a state is; ``""`` for all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    count: int
    word: str
    href: str = ""
    """Empty where there is nothing to list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """``numbers`` has received first, then :data:`COLUMNS`."""

    name: str
    note: str = ""
    href: str = ""
    numbers: list[Number]
    lost: int


def line(balance: Balance, address: Address, *, name: str, note: str = "", href: str = "") -> Line:
    """Write a balance as a line."""
    received = _number(balance.received, "Received", address(""))
    states = [_number(getattr(balance, state.value), str(state.label), address(state.value)) for state in COLUMNS]
    return Line(name=name, note=note, href=href, numbers=[received, *states], lost=balance.lost)


def _number(count: int, word: str, href: str) -> Number:
    return Number(count=count, word=word, href=href if count else "")
