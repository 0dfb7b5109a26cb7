"""The way into a table: which account it is in, and what signs our requests to it."""

from __future__ import annotations

from functools import cached_property

from azure.data.tables import TableClient

from connectors.answers import MASK, Mask
from connectors.azure_table import signin
from connectors.azure_table.accounts import Fault
from connectors.azure_table.client import Draft, table_client
from connectors.azure_table.config import AzureTableConfig, check_table
from connectors.azure_table.connection_strings import Access
from connectors.azure_table.table import Table
from connectors.errors import Misconfigured
from connectors.grants import Grant
from connectors.http import GuardedSession


class Entrance:
    """The table of one destination. Raises Misconfigured where its settings break a rule."""

    def __init__(self, config: AzureTableConfig, session: GuardedSession) -> None:
        self._config = config
        self._session = session

    @property
    def is_by_application(self) -> bool:
        return self._config.auth == "entra"

    @cached_property
    def access(self) -> Access:
        try:
            check_table(self._config.table_name)
            return self._config.access()
        except Fault as fault:
            raise _unusable(fault) from None

    @cached_property
    def grant(self) -> Grant:
        try:
            return signin.grant(self._config)
        except Fault as fault:
            raise _unusable(fault) from None

    @cached_property
    def mask(self) -> Mask:
        return Mask([*self._config.secret_values(), *self.access.secrets])

    def table(self) -> Table:
        """Open the table for one call; what is learnt of tokens is for all calls."""
        by_application = self.is_by_application
        own = signin.ApplicationCredential(self._tokens) if by_application else signin.of_account(self.access)
        return Table(self._client(self._session, own), self.mask)

    def draft(self) -> TableClient:
        """Open the table for requests that are shown and not sent."""
        own = signin.Shown(MASK) if self.is_by_application else signin.of_account(self.access)
        return self._client(Draft(self._session), own)

    def lacks(self, rights: str) -> bool:
        """Tell whether what we sign with says that it lacks one of these rights (r, a, u, d)."""
        return self.access.shared is not None and self.access.shared.lacks(rights)

    def _client(self, session: GuardedSession | Draft, credential: signin.Credential) -> TableClient:
        return table_client(session, self.access.account, self._config.table_name, credential)

    @cached_property
    def _tokens(self) -> signin.Tokens:
        return signin.Tokens(self._session, self.grant)


def _unusable(fault: Fault) -> Misconfigured:
    fix = "Open the settings of this destination, and enter them again."
    return Misconfigured(f"A setting of this destination {fault}.", cause="settings", fix=fix)
