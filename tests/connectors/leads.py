"""A lead as connectors are given it, and many that differ."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from connectors.base import LeadPayload

LEAD = LeadPayload(
    id="7f1f7f0e-5f0c-4f3b-9c1e-2a4d8f6b0c11",
    offer_id="contoso.crm",
    offer_title="Contoso CRM",
    source="SPZA",
    action="PLT",
    received_at=datetime(2026, 11, 22, 10, tzinfo=UTC),
    first_name="Zoë",
    last_name="Lovelace",
    email="zoe@contoso.example",
    phone="+49 30 1234",
    country="Germany",
    company="Contoso",
    title="Buyer",
    description="Please call.",
    extra={"utm_source": "news"},
)


def lead(number: int = 0, **changes: Any) -> LeadPayload:
    """Make one of many leads that differ."""
    return replace(
        LEAD, **{"id": f"{number:08d}-5f0c-4f3b-9c1e-2a4d8f6b0c11", "email": f"c{number}@x.example"} | changes
    )
