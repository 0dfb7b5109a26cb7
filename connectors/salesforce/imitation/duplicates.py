"""The duplicate rule of the imitated organization."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.salesforce.imitation.organization import Organization, Record, Row, error

RULE = "Standard_Lead_Duplicate_Rule"


def faults(org: Organization, record: Record, headers: Mapping[str, str]) -> list[Row]:
    """Refuse a lead that is there already, unless the rule only warns and the caller saves all the same."""
    name = org.duplicate_rule
    matching = org.found(name, record.get(name)) if name and record.get(name) else []
    saves = "allowsave=true" in headers.get("sforce-duplicate-rule-header", "").lower()
    if not matching or (saves and not org.rule_blocks):
        return []
    return [error("DUPLICATES_DETECTED", "Use one of these records?", duplicateResult=_result(org, matching))]


def _result(org: Organization, matching: list[Record]) -> dict[str, Any]:
    records = [
        {"matchConfidence": 100.0, "record": {"attributes": {"type": "Lead"}, "Id": record["Id"]}}
        for record in matching
    ]
    found = {"entityType": "Lead", "matchEngine": "ExactMatchEngine", "matchRecords": records, "success": True}
    return {
        "allowSave": not org.rule_blocks,
        "duplicateRule": RULE,
        "duplicateRuleEntityType": "Lead",
        "matchResults": [found],
    }
