"""The message: the fields that publishers' receivers already know, then ours."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from connectors import mapping as fields
from connectors.base import LeadPayload

STANDARD = frozenset(
    (
        "UserDetails",
        "LeadSource",
        "ActionCode",
        "OfferTitle",
        "Description",
        "LeadId",
        "OfferId",
        "CreatedTime",
        "IsTest",
        "IsPreview",
        "DoNotContact",
    )
)


DEFAULTS = {
    **{f"UserDetails.{name}": f"{{{name}}}" for name in ("FirstName", "LastName", "Email", "Phone")},
    **{f"UserDetails.{name}": f"{{{name}}}" for name in ("Country", "Company", "Title")},
    **{name: f"{{{name}}}" for name in ("LeadSource", "ActionCode", "OfferTitle", "Description", "LeadId", "OfferId")},
    "CreatedTime": "{ReceivedAt}",
    "IsTest": "{IsTest}",
}
"""What the message holds, as the mapping page shows it."""


def message(lead: LeadPayload, mapping: Mapping[str, str]) -> dict[str, Any]:
    """Build the message of one lead; mapped fields stand beside the standard ones."""
    flags = {"DoNotContact": lead.do_not_contact, "IsPreview": lead.is_preview}
    return fields.apply(mapping, lead) | {
        "UserDetails": _user_details(lead),
        "LeadSource": lead.source,
        "ActionCode": lead.action,
        "OfferTitle": lead.offer_title,
        "Description": lead.description,
        "LeadId": lead.id,
        "OfferId": lead.offer_id,
        "CreatedTime": _utc(lead.received_at),
        "IsTest": lead.is_test,
        **{name: True for name, is_set in flags.items() if is_set},
    }


def encoded(content: Mapping[str, Any]) -> bytes:
    """Write a message down in the bytes that are signed and sent."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _user_details(lead: LeadPayload) -> dict[str, str]:
    return {
        "FirstName": lead.first_name,
        "LastName": lead.last_name,
        "Email": lead.email,
        "Phone": lead.phone,
        "Country": lead.country,
        "Company": lead.company,
        "Title": lead.title,
    }


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
