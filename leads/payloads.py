"""From a lead's rows to what a connector sees."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from connectors.base import LeadPayload

COLUMNS = """
    lead.id::text AS id, publisher.slug || '.' || coalesce(offer.offer_id, 'test') AS offer_id,
    coalesce(offer.title, 'Test offer') AS offer_title, lead.source, lead.action, lead.received_at,
    lead.first_name, lead.last_name, lead.email, lead.phone, lead.country, lead.company, lead.title,
    lead.description, lead.extra, coalesce(customer.do_not_contact, FALSE) AS do_not_contact,
    lead.kind = 'test' AS is_test, lead.kind = 'preview' AS is_preview
"""
"""Named as the fields of LeadPayload."""

TABLES = """
    leads_lead lead
    JOIN leads_publisher publisher ON publisher.id = lead.publisher_id
    LEFT JOIN leads_offer offer ON offer.id = lead.offer_id
    LEFT JOIN leads_customer customer ON customer.id = lead.customer_id
"""


def payload(row: Mapping[str, Any]) -> LeadPayload:
    """Make a payload of a row of COLUMNS."""
    return LeadPayload(**{**row, "extra": json.loads(row["extra"])})


def read(lead_id: UUID) -> LeadPayload:
    """Read one lead as a connector sees it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {COLUMNS} FROM {TABLES} WHERE lead.id = %s", [lead_id])  # noqa: S608 - constants
        names = [column.name for column in cursor.description]
        [row] = cursor.fetchall()
    return payload(dict(zip(names, row, strict=True)))


def sample(publisher: str) -> LeadPayload:
    """Make up the lead that previews show."""
    return LeadPayload(
        id="0193f3c0-0000-7000-8000-000000000000",
        offer_id=f"{publisher}.sample",
        offer_title="Sample offer",
        source="AzureMarketplace",
        action="INS",
        received_at=timezone.now(),
        first_name="Some",
        last_name="One",
        email="someone@example.com",
        phone="16175555555",
        country="US",
        company="Example Company",
        title="Buyer",
        description="Sample",
        is_test=True,
    )
