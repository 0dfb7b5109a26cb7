"""Write records by hundreds, and learn of each one what became of it.

A request that is too much for the organization's automation, or that one record spoils as a whole, is halved until the
cause stands alone. A record that met somebody else's lock is tried again at once: it says nothing of the others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import uniform
from time import sleep
from typing import Any

from connectors.errors import DeliveryError, Rejected, Unanswered, Unavailable
from connectors.salesforce import outcomes
from connectors.salesforce.outcomes import Complaint

Record = dict[str, Any]
Row = dict[str, Any]
Write = Callable[[Sequence[Record]], Any]
"""Sends records in one request and returns the JSON that came; raises DeliveryError."""

AGAIN = 2
"""How often a record that met a lock is tried again."""
PAUSE = (0.1, 0.4)
"""Seconds between two such tries, by chance: whoever holds the lock was as quick as we."""
ENOUGH = 1.0
"""Seconds that must be left for another request: one that is cut short tells nothing."""


class Writer:
    """Writes records with ``write``, as long as ``seconds_left`` lets it."""

    def __init__(self, write: Write, seconds_left: Callable[[], float]) -> None:
        self._write = write
        self._seconds_left = seconds_left

    def rows(self, records: Sequence[Record]) -> list[Row | DeliveryError]:
        """Return what Salesforce said of each record, in order, or why nothing was said."""
        results = self._halving(records)
        for _ in range(AGAIN):
            locked = [place for place, result in enumerate(results) if _is_passing(result)]
            if not locked or self._seconds_left() < ENOUGH:
                break
            sleep(uniform(*PAUSE))  # noqa: S311 - nothing hangs on who guesses it
            retried = self._halving([records[place] for place in locked])
            results = _replaced(results, dict(zip(locked, retried, strict=True)))
        return results

    def _halving(self, records: Sequence[Record]) -> list[Row | DeliveryError]:
        results = self._once(records)
        spoilt = [place for place, result in enumerate(results) if _is_too_much(result)]
        if not spoilt or len(records) == 1:
            return results
        if self._seconds_left() < ENOUGH:
            later = Unavailable("Salesforce took too long over the leads before this one.", cause="timeout")
            return _replaced(results, dict.fromkeys(spoilt, later))
        middle = -(-len(spoilt) // 2)
        halves = [spoilt[:middle], spoilt[middle:]]
        again = [found for half in halves if half for found in self._halving([records[place] for place in half])]
        return _replaced(results, dict(zip(spoilt, again, strict=True)))

    def _once(self, records: Sequence[Record]) -> list[Row | DeliveryError]:
        try:
            answered = self._write(records)
        except DeliveryError as problem:
            return [problem] * len(records)
        rows = answered if isinstance(answered, list) else []
        if len(rows) != len(records) or not all(isinstance(row, dict) for row in rows):
            return [outcomes.unreadable(200)] * len(records)
        return rows


def complaints(result: Row | DeliveryError) -> list[Complaint]:
    """List what Salesforce has against a record."""
    return [] if isinstance(result, DeliveryError) else outcomes.complaints(result.get("errors"))


def _is_passing(result: Row | DeliveryError) -> bool:
    return any(found.meaning.kind == "away" for found in complaints(result))


def _is_too_much(result: Row | DeliveryError) -> bool:
    if isinstance(result, DeliveryError):
        return isinstance(result, Rejected) and not isinstance(result, Unanswered)
    return any(found.is_overload for found in complaints(result))


def _replaced(
    results: list[Row | DeliveryError], by: dict[int, Row | DeliveryError] | dict[int, Unavailable]
) -> list[Row | DeliveryError]:
    return [by.get(place, result) for place, result in enumerate(results)]
