"""The books: every lead received is in exactly one state, and the states add up to what was received."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, NamedTuple, Self, TypeVar

from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import TruncDate

from leads.models import Lead
from leads.states import ROUTED, LeadState, gravest

# The inner query, made by the ORM of the leads in question, has one row for each lead with its place among the states.
COUNT = """
SELECT {by} place, routed > 0 AND place IS NULL AS lost, count(*) FROM ({each}) AS each GROUP BY {by} place, lost
"""

KeyT = TypeVar("KeyT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Leads by state; a lead with several deliveries counts where it most needs somebody. ``kept``: no destination."""

    delivered: int = 0
    waiting: int = 0
    held: int = 0
    rejected: int = 0
    uncertain: int = 0
    gave_up: int = 0
    withheld: int = 0
    kept: int = 0
    received: int = 0

    @property
    def lost(self) -> int:
        """What was received and is in no state."""
        numbers: list[int] = [getattr(self, field.name) for field in fields(self)]
        return 2 * self.received - sum(numbers)

    @property
    def adds_up(self) -> bool:
        """Tell whether the states sum to what was received."""
        return self.lost == 0

    def __add__(self, other: Self) -> Self:
        return type(self)(
            **{field.name: getattr(self, field.name) + getattr(other, field.name) for field in fields(self)}
        )


class Cell(NamedTuple):
    """Where one number stands: leads of one kind, of one offer or publisher, received on one day in UTC."""

    kind: str
    whose: int | None
    day: date


@dataclass(frozen=True, slots=True)
class Sheet:
    """The books, cell by cell."""

    cells: dict[Cell, Balance]

    def total(self, kind: str = Lead.Kind.LIVE) -> Balance:
        return sum((balance for cell, balance in self.cells.items() if cell.kind == kind), Balance())

    def by_whose(self) -> dict[int | None, Balance]:
        """Sum live leads by offer, or by publisher where the sheet was drawn up so."""
        return _summed((cell.whose, balance) for cell, balance in self._live())

    def by_day(self) -> dict[date, Balance]:
        """Sum live leads by day, newest first."""
        days = _summed((cell.day, balance) for cell, balance in self._live())
        return dict(sorted(days.items(), reverse=True))

    def of_day(self, day: date) -> dict[int | None, Balance]:
        """Return a day's live leads by offer or publisher."""
        return {cell.whose: balance for cell, balance in self._live() if cell.day == day}

    def _live(self) -> list[tuple[Cell, Balance]]:
        return [(cell, balance) for cell, balance in self.cells.items() if cell.kind == Lead.Kind.LIVE]


def balance(publisher_id: int | None, since: datetime | None = None) -> Balance:
    """Count a publisher's live leads by state, or with None everybody's, of those received from ``since`` on."""
    whose = {} if publisher_id is None else {"publisher": publisher_id}
    return total(Lead.objects.filter(**whose).live().received_between(since, None))


def total(leads: QuerySet[Lead]) -> Balance:
    """Count leads by state."""
    return _count(leads).get((), Balance())


def sheet(leads: QuerySet[Lead], whose: str = "offer") -> Sheet:
    """Count leads by state for each kind, day and ``whose``: "offer" or "publisher"."""
    counted = _count(leads.annotate(day=TruncDate("received_at")), "kind", f"{whose}_id", "day")
    return Sheet({Cell(*key): balance for key, balance in counted.items()})


def _count(leads: QuerySet[Lead], *by: str) -> dict[tuple[Any, ...], Balance]:
    each = leads.order_by().values("pk", "routed", *by).annotate(place=gravest())
    sql, parameters = each.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(COUNT.format(by="".join(f"{name}, " for name in by), each=sql), parameters)
        return _summed((tuple(key), _entry(place, lost, number)) for *key, place, lost, number in cursor.fetchall())


def _entry(place: int | None, lost: bool, number: int) -> Balance:  # noqa: FBT001 - a column of the count
    if lost:
        return Balance(received=number)
    state = LeadState.KEPT if place is None else ROUTED[place]
    return Balance(received=number, **{state.value: number})


def _summed(entries: Iterable[tuple[KeyT, Balance]]) -> dict[KeyT, Balance]:
    sums: defaultdict[KeyT, Balance] = defaultdict(Balance)
    for key, entry in entries:
        sums[key] += entry
    return dict(sums)
