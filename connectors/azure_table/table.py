"""A table as the connector uses it: what the SDK raises is understood, and a table that is missing is made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from uuid import uuid4

from azure.core.exceptions import AzureError
from azure.data.tables import TableClient, UpdateMode

from connectors.answers import Mask
from connectors.azure_table import outcomes, unknown_hosts
from connectors.azure_table.meanings import Kind
from connectors.azure_table.outcomes import Refused
from connectors.azure_table.rows import Row
from connectors.errors import Unavailable
from connectors.urls import host_of

PROBE_PARTITION = "__probe"

_UNREADABLE = (AzureError, ValueError, TypeError, LookupError, AttributeError, RecursionError)
"""What the SDK raises at an answer: its own errors at one that it can read, any of the others at one that it cannot."""


class Table:
    """One table, for one call of the connector. Raises Refused for answers that are no success."""

    def __init__(self, client: TableClient, mask: Mask) -> None:
        self._client = client
        self._mask = mask

    @property
    def name(self) -> str:
        return self._client.table_name

    def write(self, rows: Sequence[Row]) -> None:
        """Write rows, all or none, each in place of the one that has its key; make the table if it is missing."""
        try:
            self._write(rows)
        except Refused as refused:
            self._make(refused)
            self._write(rows)

    def probe(self) -> bool:
        """Show that rows are taken by a transaction that fails at its end, so that nothing stays of it.

        Tell whether the table had to be made.
        """
        try:
            self._probe()
        except Refused as refused:
            self._make(refused)
        else:
            return False
        self._probe()
        return True

    def has(self, partition: str, row: str) -> bool:
        """Tell whether a row is there."""
        try:
            with self._judged():
                self._client.get_entity(partition, row, select=["RowKey"])
        except Refused as refused:
            if refused.kind is Kind.TABLE:
                return False
            raise
        return True

    def remove(self, partition: str, row: str) -> None:
        """Delete a row, if it is there."""
        with self._judged():
            self._client.delete_entity(partition, row)

    def _write(self, rows: Sequence[Row]) -> None:
        with self._judged():
            if len(rows) == 1:
                self._client.upsert_entity(dict(rows[0]), mode=UpdateMode.REPLACE)
            else:
                self._client.submit_transaction([("upsert", dict(row), {"mode": UpdateMode.REPLACE}) for row in rows])

    def _make(self, refused: Refused) -> None:
        """Make the table if that is what is missing; raise what was refused where it is not, or where we may not."""
        if refused.kind is not Kind.TABLE:
            raise refused
        try:
            with self._judged():
                self._client.create_table()
        except Refused as again:
            if again.kind is not Kind.LANDED:
                raise (refused if again.kind is Kind.SETTINGS else again) from None

    def _probe(self) -> None:
        # Both need the rights that writing needs, and no others; the second row is not there to be changed.
        mode = {"mode": UpdateMode.REPLACE}
        keys = [{"PartitionKey": PROBE_PARTITION, "RowKey": uuid4().hex} for _ in range(2)]
        try:
            with self._judged():
                self._client.submit_transaction([("upsert", keys[0], mode), ("update", keys[1], mode)])
        except Refused as refused:
            if refused.index != 1 or refused.problem.status != HTTPStatus.NOT_FOUND:
                raise
        else:
            raise Unavailable(f"{self._host} changed a row that is not there.", cause="strange-answer")

    @property
    def _host(self) -> str:
        return host_of(self._client.url)

    @contextmanager
    def _judged(self) -> Iterator[None]:
        try:
            yield
        except Unavailable as problem:
            raise unknown_hosts.judged(problem, self._host) from problem.__cause__
        except _UNREADABLE as error:
            # The SDK's own error is left behind: its text may hold an address, and an address a signature.
            raise outcomes.judge(error, self._host, self.name, self._mask) from None
