"""Leads of one batch by the person they are about: equal e-mail addresses are folded into one record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from connectors.marketo.layout import KEY
from connectors.marketo.records import Record


class Part(NamedTuple):
    """One lead's record, and its place in the batch."""

    place: int
    record: Record


@dataclass(frozen=True, slots=True)
class Person:
    """Whoever has this address; ``parts`` are in the order in which the leads came."""

    email: str
    parts: tuple[Part, ...]

    @property
    def record(self) -> Record:
        """Return what is said of the person: the last word counts, and what was said before it is kept beside."""
        return {name: value for part in self.parts for name, value in part.record.items()}

    def apart(self) -> list[Person]:
        """Return each lead by itself."""
        return [Person(self.email, (part,)) for part in self.parts]


def folded(parts: Sequence[Part]) -> list[Person]:
    """Gather the leads of each person."""
    found: dict[str, list[Part]] = {}
    for part in parts:
        found.setdefault(part.record[KEY].casefold(), []).append(part)
    return [Person(email, tuple(several)) for email, several in found.items()]
