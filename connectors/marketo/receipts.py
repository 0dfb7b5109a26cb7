"""From what Marketo said of a record to what became of the lead."""

from __future__ import annotations

from typing import Any, Literal

from connectors.base import Receipt
from connectors.errors import DeliveryError
from connectors.marketo import hosts, outcomes
from connectors.marketo.client import Subscription

Result = Receipt | DeliveryError
Row = dict[str, Any]
Outcome = Literal["created", "updated", "duplicate"]


def judge(row: Row | DeliveryError, subscription: Subscription) -> Result:
    """Tell what became of one record."""
    if isinstance(row, DeliveryError):
        return row
    said = outcomes.reasons(row)
    if said and all(complaint.meaning.kind == "duplicate" for complaint in said):
        return _receipt(row, subscription, "duplicate")
    if said or row.get("status") == "skipped":
        return outcomes.refused_record(row, subscription.mask)
    if row.get("status") in ("created", "updated"):
        return _receipt(row, subscription, "created" if row["status"] == "created" else "updated")
    return outcomes.unreadable(200)


def _receipt(row: Row, subscription: Subscription, outcome: Outcome) -> Receipt:
    found = str(row.get("id", ""))
    person = found if hosts.is_person_id(found) else ""
    return Receipt(
        outcome=outcome,
        status=200,
        answer=outcomes.kept(row, subscription.mask),
        remote_id=person,
        remote_url=hosts.person_url(subscription.config.server_id, person),
    )
