"""Shared access signatures of the pretended account, made by the vendor's own library."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from azure.core.credentials import AzureNamedKeyCredential
from azure.data.tables import (
    AccountSasPermissions,
    ResourceTypes,
    TableSasPermissions,
    generate_account_sas,
    generate_table_sas,
)

from connectors.azure_table.sandbox import ACCOUNT, KEY
from tests.connectors.azure_table.worlds import HOST

_ENDPOINT = f"TableEndpoint=https://{HOST}/"


def account_signature(rights: str = "rwdlacu", days: float = 30) -> str:
    """Return a connection string with a signature for all tables of the account."""
    token = generate_account_sas(
        AzureNamedKeyCredential(ACCOUNT, KEY),
        ResourceTypes(service=True, container=True, object=True),
        AccountSasPermissions.from_string(rights),
        expiry=_in(days),
    )
    other = "BlobEndpoint=https://contosoleads.blob.core.windows.net/;QueueEndpoint=https://contosoleads.queue.core.windows.net/"
    return f"{other};{_ENDPOINT};SharedAccessSignature={token}"


def table_signature(rights: str = "raud", table: str = "MarketplaceLeads", days: float = 30) -> str:
    """Return a connection string with a signature for one table."""
    token = generate_table_sas(
        AzureNamedKeyCredential(ACCOUNT, KEY),
        table,
        permission=TableSasPermissions.from_string(rights),
        expiry=_in(days),
    )
    return f"{_ENDPOINT};SharedAccessSignature={token}"


def _in(days: float) -> datetime:
    return datetime.now(UTC) + timedelta(days=days)
