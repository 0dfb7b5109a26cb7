"""A write that leaves nothing, and whether requests are left for one."""

from __future__ import annotations

from typing import Any

from connectors.errors import Unavailable
from connectors.salesforce import batches, lookups, outcomes, rows
from connectors.salesforce.client import Org
from connectors.salesforce.rest import Rest
from connectors.salesforce.rows import Row
from connectors.salesforce.schema import Schema
from connectors.samples import sample_lead

SCARCE = 0.05
"""Share of a day's requests below which the sentence says so."""

_NAMES = {"LastName": "Portal Test", "Company": "Connection test"}
_WRONG = {"Company": _NAMES["Company"]}
"""Without a last name no lead is taken."""


def requests_left(org: Org) -> str:
    """Say how many API requests are left of 24 hours; Unavailable where there are none."""
    left, most = _daily(org.ask("GET", "limits"))
    if left <= 0:
        sentence = f"All {most:,} API requests of the last 24 hours are used up."
        raise Unavailable(sentence, cause="request-limit-exceeded", fix="Wait, or find out which app uses them.")
    scarce = " That is little: find out which app uses them." if left < most * SCARCE else ""
    return f"{left:,} of {most:,} API requests of 24 hours are left; 200 leads take one.{scarce}"


def write(rest: Rest, schema: Schema) -> str:
    """Write a good lead together with a wrong one, all or none: rules and triggers run, and nothing stays."""
    good = rest.record(sample_lead(), schema) | _NAMES
    body = batches.body([good, _WRONG], all_or_none=True)
    headers = batches.headers(rest.config, is_test=True)
    answered = rest.org.ask("POST", *batches.COLLECTIONS, body=body, headers=headers)
    if not isinstance(answered, list) or not answered or not isinstance(answered[0], dict):
        raise outcomes.unreadable()
    return _judged(rest.org, answered)


def _judged(org: Org, answered: list[Row]) -> str:
    if [found.code for found in rows.complaints(answered[0])] == ["ALL_OR_NONE_OPERATION_ROLLED_BACK"]:
        return "A lead passed every rule and trigger, and was taken back with one that is wrong on purpose."
    if not answered[0].get("success"):
        raise outcomes.refused_record(answered[0], org.mask)
    for row in answered:
        lookups.remove(org, str(row.get("id")))
    return "A lead passed every rule and trigger, and was removed again."


def _daily(answered: Any) -> tuple[int, int]:
    try:
        daily = answered["DailyApiRequests"]
        return int(daily["Remaining"]), int(daily["Max"])
    except (KeyError, TypeError, ValueError):
        raise outcomes.unreadable() from None
