"""What becomes of a lead that the organization's duplicate rules find there already."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.errors import DeliveryError
from connectors.salesforce import batches, hosts
from connectors.salesforce.client import Org
from connectors.salesforce.layouts import REST
from connectors.salesforce.rows import Record, Row, Writer

CHOICES = [
    ("accept", "Leave the record that is there, and count the lead as delivered"),
    ("update", "Update the record that is there"),
    ("save", "Make another record, where the rule only warns"),
    ("reject", "Reject the lead, so that a person decides"),
]
KEPT = (REST.description, "LeadSource")
"""What an update leaves alone unless it is mapped: notes that people may have added, and the first source."""


def existing(row: Row) -> str:
    """Return the id of the lead that a duplicate rule found; ``""`` where it names none."""
    return next((found for error in _dicts(row.get("errors")) for found in _matches(error)), "")


def updated(
    org: Org, records: Sequence[Record], answered: Sequence[Row | DeliveryError], mapped: frozenset[str]
) -> list[Row | DeliveryError]:
    """Bring the leads that rules found up to date, and answer for these what was said then.

    Where two records found the same lead, the first one goes in.
    """
    found = {existing(row): place for place, row in reversed(list(enumerate(answered))) if isinstance(row, dict)}
    wanted = {lead_id: place for lead_id, place in found.items() if lead_id}
    left_out = {org.config.external_id_field, *KEPT} - mapped
    changes = [{"id": lead_id, **_without(records[place], left_out)} for lead_id, place in wanted.items()]

    def write(some: Sequence[Record]) -> Any:
        return org.ask("PATCH", *batches.COLLECTIONS, body=batches.body(some), headers=batches.headers(org.config))

    said = Writer(write, org.session.seconds_left).rows(changes) if changes else []
    settled = dict(zip(wanted.values(), (_marked(row) for row in said), strict=True))
    return [settled.get(place, row) for place, row in enumerate(answered)]


def _marked(row: Row | DeliveryError) -> Row | DeliveryError:
    return row if isinstance(row, DeliveryError) else {**row, "created": False}


def _without(record: Record, names: set[str]) -> Record:
    return {name: value for name, value in record.items() if name not in names}


def _matches(error: dict[str, Any]) -> list[str]:
    # The API itself writes the key without its l in some versions.
    result = error.get("duplicateResult") or error.get("duplicateResut")
    matches = _dicts(result.get("matchResults")) if isinstance(result, dict) else []
    records = [
        each for match in matches if match.get("entityType") == "Lead" for each in _dicts(match.get("matchRecords"))
    ]
    ids = [record["record"].get("Id") for record in records if isinstance(record.get("record"), dict)]
    return [found for found in ids if hosts.is_record_id(found)]


def _dicts(found: Any) -> list[dict[str, Any]]:
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
