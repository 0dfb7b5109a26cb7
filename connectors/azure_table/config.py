"""The settings of a table in a storage account."""

from __future__ import annotations

import re
from dataclasses import dataclass

from connectors.azure_table import accounts, connection_strings
from connectors.azure_table.accounts import Fault
from connectors.azure_table.connection_strings import Access
from connectors.config import Config, secret

DEFAULT_TABLE = "MarketplaceLeads"
"""Where publishers' flows and functions look for leads."""

TABLE_RULE = "must have 3 to 63 letters and digits, the first a letter"
TABLES_RULE = 'must not be "Tables", which Azure keeps for itself'
DIRECTORY_RULE = "must be the directory's id, such as 72f988bf-86f1-41af-91ab-2d7cd011db47, or its domain name"

_TABLE = re.compile(r"[A-Za-z][A-Za-z0-9]{2,62}")
_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")


@dataclass(frozen=True, slots=True)
class AzureTableConfig(Config):
    """Which table, and how we sign in: with a connection string, or as an application of Entra ID."""

    auth: str = "connection_string"
    connection_string: str = secret()
    account: str = ""
    directory_id: str = ""
    application_id: str = ""
    application_key: str = secret()
    table_name: str = DEFAULT_TABLE

    def access(self) -> Access:
        """Return where the table is and what signs requests; Fault where the settings break a rule."""
        if self.auth != "entra":
            return connection_strings.read(self.connection_string)
        return Access(accounts.typed(self.account))


def check_table(name: str) -> None:
    """Raise Fault for a name that no table can have."""
    if not _TABLE.fullmatch(name):
        raise Fault(TABLE_RULE)
    if name.lower() == "tables":
        raise Fault(TABLES_RULE)


def check_directory(text: str) -> None:
    """Raise Fault for what cannot be a directory: it becomes part of an address."""
    if not _ID.fullmatch(text) and not _DOMAIN.fullmatch(text):
        raise Fault(DIRECTORY_RULE)


def check_application(text: str) -> None:
    """Raise Fault for what cannot be the id of an application."""
    if not _ID.fullmatch(text):
        raise Fault("must be an id such as 72f988bf-86f1-41af-91ab-2d7cd011db47")
