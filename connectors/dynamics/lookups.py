"""Look for a lead that was delivered, and take a test lead away again."""

from __future__ import annotations

from connectors.base import Landing
from connectors.dynamics import answered, hosts, outcomes
from connectors.dynamics.answered import Answer
from connectors.dynamics.client import Dataverse

_ABSENT = "0x80040217"
_COLUMNS = {"$select": "leadid,merged"}


def landing(environment: Dataverse, record_id: str) -> Landing:
    """Tell where a lead is now: one that was merged into another is still there, and says so."""
    if not hosts.is_guid(record_id):
        return "unprovable"
    answer = environment.send("GET", f"leads({record_id})", params=_COLUMNS)
    if is_absent(answer):
        return "missing"
    if not answer.taken:
        raise outcomes.refused(answer, environment.mask)
    record = answer.json()
    if not isinstance(record, dict):
        raise answered.unreadable(answer.status)
    return "merged" if record.get("merged") is True else "landed"


def remove(environment: Dataverse, record_id: str) -> None:
    """Delete a lead; one that is gone already is what was wanted."""
    if not hosts.is_guid(record_id):
        return
    answer = environment.send("DELETE", f"leads({record_id})")
    if not answer.taken and not is_absent(answer):
        raise outcomes.refused(answer, environment.mask)


def is_absent(answer: Answer) -> bool:
    """Tell whether the lead is not there, and not the whole table."""
    return answer.status == 404 and answer.complaint.code in ("", _ABSENT)  # noqa: PLR2004
