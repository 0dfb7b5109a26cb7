"""Reading from the imitated organization, and deleting from it."""

from __future__ import annotations

import re
from typing import Any

from connectors.salesforce.imitation.organization import Fault, Organization

_BY_ID = re.compile(r"SELECT ([\w, ]+) FROM Lead WHERE Id = '(\w{15,18})'")


def describe(org: Organization) -> dict[str, Any]:
    return {"name": "Lead", "label": "Lead", "createable": org.may_create, "fields": org.fields}


def limits(org: Organization) -> dict[str, Any]:
    left = max(org.requests_a_day - org.requests_used, 0)
    return {"DailyApiRequests": {"Max": org.requests_a_day, "Remaining": left}}


def query(org: Organization, question: str) -> dict[str, Any]:
    """Answer the one question that the portal has: a lead by its id, the bin included."""
    match = _BY_ID.fullmatch(question)
    if not match:
        raise Fault(400, "MALFORMED_QUERY", f"unexpected token: {question[:40]}")
    found = org.records.get(match[2])
    names = match[1].split(", ")
    records = [{"attributes": {"type": "Lead"}, **{name: found.get(name) for name in names}}] if found else []
    return {"totalSize": len(records), "done": True, "records": records}


def delete(org: Organization, record_id: str) -> None:
    found = org.records.get(record_id)
    if found is None or found["IsDeleted"]:
        raise Fault(404, "ENTITY_IS_DELETED" if found else "NOT_FOUND", "Provided external ID field does not exist")
    found["IsDeleted"] = True


def campaign(org: Organization, campaign_id: str) -> dict[str, Any]:
    if campaign_id not in org.campaigns:
        raise Fault(404, "NOT_FOUND", "The requested resource does not exist")
    return {"attributes": {"type": "Campaign"}, "Name": org.campaigns[campaign_id], "Id": campaign_id}
