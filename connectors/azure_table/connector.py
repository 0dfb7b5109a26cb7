"""Write each lead as a row of a table in the publisher's storage account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any

from connectors import ladder, oauth
from connectors.azure_table import doctor, preview, rows, transactions
from connectors.azure_table.accounts import Fault
from connectors.azure_table.config import AzureTableConfig
from connectors.azure_table.entrance import Entrance
from connectors.azure_table.forms import AzureTableForm
from connectors.azure_table.meanings import Kind
from connectors.azure_table.outcomes import Refused, plainly
from connectors.azure_table.transactions import Item, Results
from connectors.base import Check, Connector, Landing, LeadPayload, Preview, Receipt
from connectors.errors import DeliveryError, Rejected
from connectors.samples import sample_lead
from connectors.urls import host_of


class AzureTable(Connector[AzureTableConfig]):
    """A table of Azure Storage."""

    label = "Azure Table Storage"
    summary = "Each lead as a row of a table in your storage account, to query, export or build flows on."
    config_class = AzureTableConfig
    form_class = AzureTableForm
    rungs = ("Address found", "Secure connection", "Sign-in", "Table takes rows", "Test lead written and removed")
    reserved_fields = rows.RESERVED
    defaults = MappingProxyType(rows.DEFAULTS | rows.ALWAYS)
    batch_size = transactions.MOST_ROWS
    answer_bytes = 256 * 1024

    def deliver(self, leads: Sequence[LeadPayload]) -> list[Receipt | DeliveryError]:
        with self.session.budget():
            try:
                rows.check_columns(self.mapping)
                results = self._send(leads)
            except DeliveryError as problem:
                return [problem] * len(leads)
        return [results[place] for place in range(len(leads))]

    def checks(self) -> Iterator[Check]:
        names = self.rungs
        yield from ladder.climb(
            (names[0], lambda: ladder.find_address(self._entrance.access.account.url)),
            (names[1], lambda: ladder.secure_connection(self._entrance.access.account.url)),
            (names[2], self._sign_in),
            (names[3], self._check_table),
            (names[4], self._write_test_lead),
        )

    def render(self, lead: LeadPayload) -> Preview:
        return preview.of(rows.written(lead, self.templates), self._entrance.draft(), self._entrance.mask)

    def read_back(self, receipt: Receipt) -> Landing:
        partition, _, row = receipt.remote_id.rpartition("/")
        try:
            with self.session.budget():
                return "landed" if self._entrance.table().has(partition, row) else "missing"
        except Refused as refused:
            if refused.kind is Kind.SETTINGS and self._entrance.lacks("r"):
                return "unprovable"
            raise refused.problem from None

    def remove(self, receipt: Receipt) -> None:
        partition, _, row = receipt.remote_id.rpartition("/")
        if self._entrance.lacks("d"):
            return
        with self.session.budget(), plainly():
            self._entrance.table().remove(partition, row)

    @classmethod
    def secret_ends(cls, stored: Mapping[str, Any]) -> date | None:
        """Return the day on which the signature of a connection string ends, None where none says so."""
        try:
            shared = AzureTableConfig.load(stored).access().shared
        except Fault:
            return None
        return shared.ends_at.astimezone(UTC).date() if shared and shared.ends_at else None

    @classmethod
    def mapping_faults(cls, mapping: Mapping[str, str]) -> list[str]:
        return rows.column_faults(mapping)

    def _send(self, leads: Sequence[LeadPayload]) -> Results:
        results: Results = {}
        items: list[Item] = []
        for place, lead in enumerate(leads):
            try:
                items.append(Item(place, rows.row(lead, self.templates)))
            except Rejected as problem:
                results[place] = problem
        return results | transactions.send(items, self._entrance.table().write)

    def _sign_in(self) -> str:
        if not self._entrance.is_by_application:
            return doctor.sign_in(self._entrance.access, self.config.table_name, datetime.now(UTC))
        grant = self._entrance.grant
        with self.session.budget():
            oauth.renew(self.session, grant)
        return f"{host_of(grant.url)} issued a token for {self.config.application_id}."

    def _check_table(self) -> str:
        rows.check_columns(self.mapping)
        with self.session.budget(), plainly():
            return doctor.table_ready(self._entrance.table())

    def _write_test_lead(self) -> str:
        if self._entrance.lacks("rd"):
            return doctor.NOT_TRIED
        with self.session.budget(), plainly():
            return doctor.test_lead(self._entrance.table(), rows.row(sample_lead(), self.templates))

    @cached_property
    def _entrance(self) -> Entrance:
        return Entrance(self.config, self.session)
