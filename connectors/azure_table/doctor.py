"""The rungs of "Check connection" that are a table's own."""

from __future__ import annotations

from datetime import UTC, datetime

from connectors.azure_table.connection_strings import Access
from connectors.azure_table.rows import Row
from connectors.azure_table.shared_access import SharedAccess
from connectors.azure_table.table import Table
from connectors.azure_table.transactions import Item
from connectors.errors import Misconfigured, Unavailable

RENEW_BEFORE = 14
"""Days left on a signature below which the sentence says so."""
NOT_TRIED = "Not tried: the signature does not allow reading and deleting, so a test lead would stay in the table."
_RENEW = "Make a new signature in Azure, and save its connection string here."


def sign_in(access: Access, table: str, now: datetime) -> str:
    """Say what signs the requests, and until when."""
    if access.shared:
        return _signature(access.shared, table, now)
    return f"Requests are signed with the key of {access.account.name}; the next step shows that it is the right one."


def table_ready(table: Table) -> str:
    """Have rows taken, and none of them stay."""
    made = table.probe()
    began = f"The table {table.name} was made. It" if made else f"The table {table.name}"
    return f"{began} takes rows: a trial was written and taken back whole."


def test_lead(table: Table, row: Row) -> str:
    """Write a test lead, look for it, and remove it."""
    partition, key = Item(0, row).key
    table.write([row])
    found = table.has(partition, key)
    table.remove(partition, key)
    if not found:
        raise Unavailable("A test lead was written, and it is not in the table.", cause="strange-answer")
    return f"A test lead was written to {table.name}, read back and removed."


def _signature(shared: SharedAccess, table: str, now: datetime) -> str:
    for fault in shared.faults(table):
        raise _unusable(f"The shared access signature {fault}.")
    if shared.starts_at and shared.starts_at > now:
        raise _unusable(f"The shared access signature is good from {shared.starts_at:%Y-%m-%d %H:%M} UTC on only.")
    if shared.ends_at is None:
        return "A stored access policy says how long the shared access signature is good."
    if shared.ends_at <= now:
        raise _unusable(f"The shared access signature ended on {shared.ends_at.astimezone(UTC):%Y-%m-%d}.")
    days = (shared.ends_at.astimezone(UTC).date() - now.date()).days
    advice = f" {_RENEW}" if days < RENEW_BEFORE else ""
    return f"The shared access signature is good until {shared.ends_at:%Y-%m-%d}, {days} days from now.{advice}"


def _unusable(sentence: str) -> Misconfigured:
    return Misconfigured(sentence, cause="sign-in", fix=_RENEW)
