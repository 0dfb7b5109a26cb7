"""Write rows in transactions: of one partition, all or none. A bad row is left out, and the others are sent again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from connectors.azure_table.meanings import Kind
from connectors.azure_table.outcomes import Refused
from connectors.azure_table.rows import Row
from connectors.base import Receipt
from connectors.errors import DeliveryError

MOST_ROWS = 100
LARGEST_BODY = 3_500_000
"""Bytes of rows; Azure takes 4 MiB, and each row brings some headers of its own."""
HEADERS = 600
"""Bytes of those headers."""
TYPE = 40
"""Bytes by which a column says of which type it is."""

_CONCERNS_ALL = (Kind.SETTINGS, Kind.TABLE, Kind.AWAY)

Result = Receipt | DeliveryError
Results = dict[int, Result]
"""By the place of the lead in the batch."""


@dataclass(frozen=True, slots=True)
class Item:
    """A row, and the place of its lead in the batch."""

    place: int
    row: Row

    @property
    def key(self) -> tuple[str, str]:
        return str(self.row["PartitionKey"]), str(self.row["RowKey"])

    @property
    def receipt(self) -> Receipt:
        return Receipt(status=204, remote_id="/".join(self.key))

    @property
    def duplicate(self) -> Receipt:
        return Receipt(outcome="duplicate", status=409, remote_id="/".join(self.key))


Submit = Callable[[Sequence[Row]], None]
"""Writes rows in one transaction; raises Refused, or the DeliveryError of a request that failed altogether."""


def send(items: Sequence[Item], submit: Submit) -> Results:
    """Send items and answer the result of each; once a problem concerns all of them, the rest share it unsent."""
    results: Results = {}
    for transaction in pack(items):
        if problem := _send(transaction, submit, results):
            return {item.place: problem for item in items} | results
    return results


def pack(items: Sequence[Item]) -> Iterator[list[Item]]:
    """Group items into transactions that Azure takes: one partition, each row once, so many rows and bytes."""
    by_partition: dict[str, list[Item]] = {}
    for item in items:
        by_partition.setdefault(item.key[0], []).append(item)
    for partition in by_partition.values():
        yield from _filled(partition)


def _send(items: list[Item], submit: Submit, results: Results) -> DeliveryError | None:
    """Send until every item has a result; answer the problem that ended it, if one did."""
    pending = [items]
    while pending:
        some = pending.pop()
        try:
            submit([item.row for item in some])
        except Refused as refused:
            if refused.kind in _CONCERNS_ALL:
                return refused.problem
            pending += _sorted_out(some, refused, results)
        except DeliveryError as problem:
            return problem
        else:
            results.update((item.place, item.receipt) for item in some)
    return None


def _sorted_out(items: list[Item], refused: Refused, results: Results) -> list[list[Item]]:
    """Note the result of the row it is about and answer what is to be sent again, in halves where none is named."""
    culprit = _culprit(items, refused)
    if culprit is None:
        half = len(items) // 2
        return [items[half:], items[:half]]
    results[culprit.place] = culprit.duplicate if refused.kind is Kind.LANDED else refused.problem
    others = [item for item in items if item is not culprit]
    return [others] if others else []


def _culprit(items: list[Item], refused: Refused) -> Item | None:
    if len(items) == 1:
        return items[0]
    if refused.index is None or refused.index >= len(items) or refused.kind is Kind.TOO_MUCH:
        return None
    return items[refused.index]


def _filled(partition: list[Item]) -> Iterator[list[Item]]:
    some: dict[tuple[str, str], Item] = {}
    size = 0
    for item in partition:
        weight = _weight(item.row)
        if len(some) == MOST_ROWS or size + weight > LARGEST_BODY or item.key in some:
            yield list(some.values())
            some, size = {}, 0
        some[item.key] = item
        size += weight
    yield list(some.values())


def _weight(row: Row) -> int:
    return HEADERS + sum(TYPE + len(name) * 2 + len(json.dumps(str(value))) for name, value in row.items())
