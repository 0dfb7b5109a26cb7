"""What became of a record, as the portal says it."""

from __future__ import annotations

from typing import Literal

from connectors.base import Receipt
from connectors.errors import DeliveryError, Rejected, Unanswered, Uncertain
from connectors.salesforce import batches, duplicates, hosts, outcomes, rows
from connectors.salesforce.client import Org
from connectors.salesforce.rows import Row

Result = Receipt | DeliveryError


def judge(row: Row | DeliveryError, org: Org) -> Result:
    """Turn what Salesforce said of a record into the lead's result."""
    if isinstance(row, DeliveryError):
        return _settled(row, org)
    if row.get("success"):
        return _receipt(row, org, "updated" if row.get("created") is False else "created", row.get("id"))
    found = rows.complaints(row)
    if found and all(complaint.meaning.kind == "duplicate" for complaint in found):
        return _duplicate(row, org)
    return outcomes.refused_record(row, org.mask)


def uncertain(silence: Unanswered) -> Uncertain:
    """Leave to a person what may have landed and would be doubled."""
    return Uncertain(
        f"{silence.sentence.removesuffix('.')}, so this lead may or may not have landed.",
        cause=silence.cause,
        fix="Look for it in Salesforce; send it again only if it is not there.",
        status=silence.status,
        answer=silence.answer,
    )


def _settled(problem: DeliveryError, org: Org) -> DeliveryError:
    doubtful = isinstance(problem, Unanswered) and not org.config.repeatable
    return uncertain(problem) if doubtful else problem  # type: ignore[arg-type]


def _duplicate(row: Row, org: Org) -> Result:
    by_rule = any(complaint.code == "DUPLICATES_DETECTED" for complaint in rows.complaints(row))
    if by_rule and org.config.duplicates == "reject":
        return Rejected(
            "Salesforce has this lead already, by its duplicate rules.",
            cause="duplicates-detected",
            fix="Look at the record that is there. To take such leads, choose another way with duplicates.",
            answer=outcomes.kept(row, org.mask),
        )
    return _receipt(row, org, "duplicate", duplicates.existing(row))


def _receipt(row: Row, org: Org, outcome: Literal["created", "updated", "duplicate"], record_id: object) -> Receipt:
    found = str(record_id) if hosts.is_record_id(record_id) else ""
    return Receipt(
        outcome=outcome,
        status=200,
        answer=outcomes.kept(row, org.mask),
        remote_id=found,
        remote_url=batches.record_url(org.host, found) if found else "",
    )
