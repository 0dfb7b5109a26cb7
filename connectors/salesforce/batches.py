"""The request that writes many leads at once (sObject Collections)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.salesforce import hosts
from connectors.salesforce.config import SalesforceConfig

LARGEST = 200
"""Records in one request: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections.htm"""
LARGEST_UNREPEATABLE = 20
"""Records in one request where an answer that is lost leaves each of them to a person."""

COLLECTIONS = ("composite", "sobjects")


def call(config: SalesforceConfig) -> tuple[str, tuple[str, ...]]:
    """Return method and path: an upsert by the external ID where there is one, else a create."""
    if config.external_id_field:
        return "PATCH", (*COLLECTIONS, "Lead", config.external_id_field)
    return "POST", COLLECTIONS


def headers(config: SalesforceConfig, *, is_test: bool = False) -> dict[str, str]:
    """Say how duplicate rules and assignment rules are to treat the leads."""
    saves = str(config.duplicates == "save").lower()
    rules = f"allowSave={saves}; includeRecordDetails=false; runAsCurrentUser=true"
    chosen = {"Sforce-Duplicate-Rule-Header": rules}
    if is_test or config.assignment == "off":
        return chosen | {"Sforce-Auto-Assign": "FALSE"}
    rule = config.assignment_rule if config.assignment == "rule" else ""
    return chosen | ({"Sforce-Auto-Assign": rule} if hosts.is_record_id(rule) else {})


def body(records: Sequence[dict[str, Any]], kind: str = "Lead", *, all_or_none: bool = False) -> dict[str, Any]:
    """Wrap records, each of which gets a result of its own unless ``all_or_none``."""
    return {"allOrNone": all_or_none, "records": [{"attributes": {"type": kind}} | record for record in records]}


def record_url(host: str, record_id: str) -> str:
    """Return where a person opens a lead."""
    return f"https://{host}/lightning/r/Lead/{record_id}/view"
