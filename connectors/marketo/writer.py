"""Write records, and learn of each one what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.errors import DeliveryError, Rejected
from connectors.marketo import batches, outcomes
from connectors.marketo.client import Subscription
from connectors.marketo.layout import COMPANY
from connectors.marketo.records import Record

Row = dict[str, Any]
WITHOUT_COMPANY = "sentWithoutCompany"
"""Noted in what Marketo said of a record that it took only so."""

_TOO_LARGE = "marketo-413"


class Writer:
    """Writes records to one subscription."""

    def __init__(self, subscription: Subscription) -> None:
        self._subscription = subscription

    def rows(self, records: Sequence[Record]) -> list[Row | DeliveryError]:
        """Return what Marketo said of each record, in order, or why nothing was said.

        After the first request that went wrong as a whole no other is begun: they would go the same way.
        """
        results: list[Row | DeliveryError] = []
        for load in batches.loads(records):
            failed = results[-1] if results and isinstance(results[-1], DeliveryError) else None
            results += [failed] * len(load) if failed else self._halving(load)
        return self._without_company(records, results)

    def _halving(self, records: Sequence[Record]) -> list[Row | DeliveryError]:
        results = self._once(records)
        first = results[0]
        if len(records) == 1 or not isinstance(first, DeliveryError) or first.cause != _TOO_LARGE:
            return results
        middle = len(records) // 2
        return self._halving(records[:middle]) + self._halving(records[middle:])

    def _once(self, records: Sequence[Record]) -> list[Row | DeliveryError]:
        config = self._subscription.config
        body, alone = batches.body(config, records), len(records) == 1
        try:
            rows = self._subscription.ask("POST", batches.path(config), body=body, alone=alone)
        except DeliveryError as problem:
            return [problem] * len(records)
        if len(rows) != len(records) or not all(isinstance(row, dict) for row in rows):
            # Rows name no address, so one that is missing leaves all of them in doubt.
            return [outcomes.unreadable(200)] * len(records)
        return rows

    def _without_company(
        self, records: Sequence[Record], results: list[Row | DeliveryError]
    ) -> list[Row | DeliveryError]:
        """Send once more, without the company, what Marketo left out because of it alone."""
        places = [place for place, row in enumerate(results) if _is_about_company(row)]
        if not places:
            return results
        stripped = [{name: value for name, value in records[place].items() if name not in COMPANY} for place in places]
        again = dict(zip(places, map(_noted, self._halving(stripped)), strict=True))
        return [again.get(place, result) for place, result in enumerate(results)]


def _is_about_company(row: Row | DeliveryError) -> bool:
    if isinstance(row, DeliveryError):
        return isinstance(row, Rejected) and row.cause == "marketo-1021"
    said = outcomes.reasons(row)
    return bool(said) and all(complaint.meaning.kind == "company" for complaint in said)


def _noted(row: Row | DeliveryError) -> Row | DeliveryError:
    return {**row, WITHOUT_COMPANY: True} if isinstance(row, Mapping) else row
