"""Look for a lead that was delivered, and take a test lead away again."""

from __future__ import annotations

from typing import Any

from connectors.base import Landing
from connectors.errors import DeliveryError
from connectors.salesforce import hosts, outcomes
from connectors.salesforce.client import Org

_GONE = 404
_QUESTION = "SELECT Id, IsDeleted, MasterRecordId FROM Lead WHERE Id = {}"


def landing(org: Org, record_id: str) -> Landing:
    """Tell where a lead is now, the bin included: one that was merged into another knows which."""
    if not hosts.is_record_id(record_id):
        return "unprovable"
    from simple_salesforce.format import format_soql  # noqa: PLC0415 - as in client.py

    answered = org.ask("GET", "queryAll", params={"q": format_soql(_QUESTION, record_id)})
    found = _records(answered)
    if not found:
        return "missing"
    if found[0].get("MasterRecordId"):
        return "merged"
    return "missing" if found[0].get("IsDeleted") else "landed"


def remove(org: Org, record_id: str) -> None:
    """Delete a record; one that is gone already is what was wanted."""
    if not hosts.is_record_id(record_id):
        return
    try:
        org.ask("DELETE", "sobjects", "Lead", record_id)
    except DeliveryError as error:
        if error.status != _GONE:
            raise


def _records(answered: Any) -> list[dict[str, Any]]:
    records = answered.get("records") if isinstance(answered, dict) else None
    if not isinstance(records, list):
        raise outcomes.unreadable()
    return [record for record in records if isinstance(record, dict)]
