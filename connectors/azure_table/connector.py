"""Write each lead as a row of a table in the publisher's storage account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any

from connectors import ladder, oauth
from connectors.answers import MASK, Mask
from connectors.azure_table import doctor, preview, rows, signin, transactions
from connectors.azure_table.accounts import Fault
from connectors.azure_table.client import table_client
from connectors.azure_table.config import AzureTableConfig, check_table
from connectors.azure_table.connection_strings import Access
from connectors.azure_table.forms import AzureTableForm
from connectors.azure_table.meanings import Kind
from connectors.azure_table.outcomes import Refused, plainly
from connectors.azure_table.table import Table
from connectors.azure_table.transactions import Item, Results
from connectors.base import Check, Connector, Landing, LeadPayload, Preview, Receipt
from connectors.errors import DeliveryError, Misconfigured, Rejected
from connectors.grants import Grant
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
    defaults: Mapping[str, str] = rows.DEFAULTS
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
            (names[0], lambda: ladder.find_address(self._access.account.url)),
            (names[1], lambda: ladder.secure_connection(self._access.account.url)),
            (names[2], self._sign_in),
            (names[3], self._check_table),
            (names[4], self._write_test_lead),
        )

    def render(self, lead: LeadPayload) -> Preview:
        credential = signin.Shown(MASK) if self._is_entra else signin.of_account(self._access)
        return preview.of(
            rows.written(lead, self.mapping),
            lambda session: table_client(session, self._access.account, self.config.table_name, credential),
            self.session,
            self._mask,
        )

    def read_back(self, receipt: Receipt) -> Landing:
        partition, _, row = receipt.remote_id.rpartition("/")
        try:
            with self.session.budget():
                return "landed" if self._table().has(partition, row) else "missing"
        except Refused as refused:
            if refused.kind is Kind.SETTINGS and self._may_not("r"):
                return "unprovable"
            raise refused.problem from None

    def remove(self, receipt: Receipt) -> None:
        partition, _, row = receipt.remote_id.rpartition("/")
        if self._may_not("d"):
            return
        with self.session.budget(), plainly():
            self._table().remove(partition, row)

    @classmethod
    def secret_ends(cls, stored: Mapping[str, Any]) -> date | None:
        """Return the day on which the signature of a connection string ends, None where none says so."""
        config = AzureTableConfig.load(stored)
        try:
            shared = config.access().shared
        except Fault:
            return None
        return shared.ends_at.date() if shared and shared.ends_at else None

    def _send(self, leads: Sequence[LeadPayload]) -> Results:
        results: Results = {}
        items: list[Item] = []
        for place, lead in enumerate(leads):
            try:
                items.append(Item(place, rows.row(lead, self.mapping)))
            except Rejected as problem:
                results[place] = problem
        return results | transactions.send(items, self._table().write)

    def _sign_in(self) -> str:
        if not self._is_entra:
            return doctor.sign_in(self._access, self.config.table_name, datetime.now(UTC))
        with self.session.budget():
            oauth.renew(self.session, self._grant)
        return f"{host_of(self._grant.url)} issued a token for {self.config.application_id}."

    def _check_table(self) -> str:
        rows.check_columns(self.mapping)
        with self.session.budget(), plainly():
            return doctor.table_ready(self._table())

    def _write_test_lead(self) -> str:
        if self._may_not("rd"):
            return doctor.NOT_TRIED
        with self.session.budget(), plainly():
            return doctor.test_lead(self._table(), rows.row(sample_lead(), self.mapping))

    def _may_not(self, rights: str) -> bool:
        shared = self._access.shared
        return shared is not None and shared.lacks(rights)

    def _table(self) -> Table:
        """Return the table for one call; what it learns of tokens is for all calls."""
        own = signin.ApplicationCredential(self._tokens) if self._is_entra else signin.of_account(self._access)
        return Table(table_client(self.session, self._access.account, self.config.table_name, own), self._mask)

    @property
    def _is_entra(self) -> bool:
        return self.config.auth == "entra"

    @cached_property
    def _access(self) -> Access:
        try:
            check_table(self.config.table_name)
            return self.config.access()
        except Fault as fault:
            raise _unusable(fault) from None

    @cached_property
    def _grant(self) -> Grant:
        try:
            return signin.grant(self.config)
        except Fault as fault:
            raise _unusable(fault) from None

    @cached_property
    def _tokens(self) -> signin.Tokens:
        return signin.Tokens(self.session, self._grant)

    @cached_property
    def _mask(self) -> Mask:
        return Mask([*self.config.secret_values(), *self._access.secrets])


def _unusable(fault: Fault) -> Misconfigured:
    fix = "Open the settings of this destination, and enter them again."
    return Misconfigured(f"A setting of this destination {fault}.", cause="settings", fix=fix)
