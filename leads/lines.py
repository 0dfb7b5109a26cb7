"""The books as lines of a table. Each number leads to its list, each name to the books of that name alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from leads.balance import Balance, Sheet
from leads.models import Lead
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
MOST = 400
"""Cells that are shown by day and name at once; with more of them, each is shown alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    count: int
    word: str
    href: str
    """Empty where there is nothing to list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """``numbers`` are those received, then each of :data:`COLUMNS`; ``lost`` is in none of these."""

    name: str
    href: str
    numbers: list[Number]
    lost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which leads a line is about."""

    kind: str = Lead.Kind.LIVE
    whose: int | None = None
    day: date | None = None


class Addresses(Protocol):
    """Where things are; the portal and the operator's pages each have their own."""

    def leads(self, scope: Scope, state: str) -> str:
        """Return where these leads are listed; ``""`` is every state."""

    def books(self, scope: Scope) -> str:
        """Return where the books of these alone are."""


@dataclass(frozen=True)
class Table:
    """A sheet in lines. ``names`` are those of its offers, or publishers, by their keys."""

    sheet: Sheet
    names: Mapping[int, str]
    addresses: Addresses

    columns = COLUMNS

    @property
    def total(self) -> Line:
        return self._line(self.sheet.total(), Scope(), "All")

    @property
    def deep(self) -> bool:
        """Tell whether days are broken down by name."""
        return len(self.names) > 1 and len(self.sheet.cells) <= MOST

    def apart(self) -> list[Line]:
        """Write what is not of customers."""
        counted = [(kind, self.sheet.total(kind)) for kind in (Lead.Kind.PREVIEW, Lead.Kind.TEST)]
        return [self._line(found, Scope(kind=kind), f"{kind.label} leads") for kind, found in counted if found.received]

    def by_name(self) -> list[Line]:
        """Write a line for each offer or publisher."""
        return list(self._named(self.sheet.by_whose(), None))

    def by_day(self) -> Iterator[tuple[Line, list[Line]]]:
        """Write a line for each day, newest first, and under it one for each name."""
        for day, found in self.sheet.by_day().items():
            named = self._named(self.sheet.of_day(day), day) if self.deep else ()
            yield self._line(found, Scope(day=day), f"{day:%a} {day.day} {day:%b %Y}"), list(named)

    def _named(self, balances: Mapping[int | None, Balance], day: date | None) -> Iterator[Line]:
        for key, name in sorted(self.names.items(), key=lambda item: (item[1], item[0])):
            if key in balances:
                yield self._line(balances[key], Scope(whose=key, day=day), name)

    def _line(self, found: Balance, scope: Scope, name: str) -> Line:
        received = self._number(found.received, "Received", scope, "")
        states = [self._number(getattr(found, state), state.label, scope, state) for state in COLUMNS]
        href = self.addresses.books(scope)
        return Line(name=name, href=href, numbers=[received, *states], lost=found.lost)

    def _number(self, count: int, word: str, scope: Scope, state: str) -> Number:
        return Number(count=count, word=word, href=self.addresses.leads(scope, state) if count else "")
