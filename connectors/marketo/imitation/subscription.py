"""A Marketo subscription that exists only here: its people, its rules, and how it is out of sorts."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from threading import RLock
from typing import Any

from connectors.marketo.imitation.described import form_fields, lead_fields
from connectors.marketo.imitation.limits import Meter
from connectors.marketo.imitation.tokens import Identity

Row = dict[str, Any]
Record = dict[str, Any]


class Fault(Exception):
    """A request that is refused as a whole: under status 200 but for a few."""

    def __init__(self, code: str, message: str = "", status: int = 200) -> None:
        super().__init__(code)
        self.code = code
        self.message = message or code
        self.status = status


@dataclass
class Form:
    """A form of Design Studio's."""

    name: str = "Marketplace leads"
    status: str = "approved"
    fields: list[Row] = field(default_factory=form_fields)


@dataclass
class Subscription:
    """What it holds and how it behaves; change it as a test or a demo needs it."""

    identity: Identity = field(default_factory=Identity)
    meter: Meter = field(default_factory=Meter)
    fields: list[Row] = field(default_factory=lead_fields)
    forms: dict[int, Form] = field(default_factory=lambda: {1179: Form()})
    programs: dict[int, str] = field(default_factory=lambda: {1107: "Marketplace"})
    partitions: tuple[str, ...] = ("Default", "Europe")
    denied: set[str] = field(default_factory=set)
    """What the role of the API user lacks: read, write, assets or usage."""
    takes: float = 0.0
    """Seconds that a write takes. Two that name the same new person in that time make two people."""

    people: dict[int, Record] = field(default_factory=dict)
    activities: list[Row] = field(default_factory=list)
    """Forms filled out, and pushes to programs."""
    written: list[Row] = field(default_factory=list)
    """Path and size of each request that wrote people."""
    company_kept: set[str] = field(default_factory=set)
    """Addresses of people whose company a sync may not change."""
    refusals: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """Reasons to leave out whoever has an address, one after the other."""
    faults: deque[Fault] = field(default_factory=deque)
    """What the next requests that are signed in and within the limits are refused with."""
    lock: RLock = field(default_factory=RLock)
    ids: dict[str, list[int]] = field(default_factory=dict)
    """Who has an address."""

    def field(self, name: str) -> Row | None:
        return next((found for found in self.fields if found["rest"]["name"] == name), None)

    def found(self, email: str) -> list[int]:
        """List the ids of those with an address, whatever its case."""
        return list(self.ids.get(email.casefold(), ()))

    def add(self, record: Record) -> int:
        """Keep a new person; return the id."""
        person = 100 + len(self.people)
        self.people[person] = {"id": person, **record}
        self.ids.setdefault(str(record["email"]).casefold(), []).append(person)
        return person

    def delete(self, person: int) -> bool:
        record = self.people.get(person)
        if record is None or record.get("isDeleted"):
            return False
        record["isDeleted"] = True
        self.ids[str(record["email"]).casefold()].remove(person)
        return True

    def live(self) -> list[Record]:
        """List the people who have not been deleted."""
        return [record for record in self.people.values() if not record.get("isDeleted")]
