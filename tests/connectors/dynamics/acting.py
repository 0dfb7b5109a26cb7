"""What the tests of Dynamics 365 begin with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from connectors import registry
from connectors.base import Check, LeadPayload, Receipt
from connectors.dynamics.connector import Dynamics
from connectors.errors import DeliveryError

STORED: Mapping[str, Any] = {
    "instance_url": "https://contoso.crm4.dynamics.com",
    "authentication": "azure_ad",
    "directory_id": "0b1c2d3e-4f50-4a61-8b72-93a4b5c6d7e8",
    "application_id": "5d2f6a10-7c3b-4e18-9f42-a1b2c3d4e5f6",
    "application_key": "sesame-client-secret",
    "lead_source": "Web",
}
USER: Mapping[str, Any] = {
    "authentication": "office365",
    "username": "leads@contoso.onmicrosoft.com",
    "password": "sesame öffne dich",
    "password_set_on": "2026-11-01",
}
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


def deliver(
    leads: Sequence[LeadPayload], mapping: Mapping[str, str] | None = None, **settings: Any
) -> list[Receipt | DeliveryError]:
    with registry.connect("dynamics", {**STORED, **settings}, mapping) as connector:
        return connector.deliver(leads)


def deliver_one(
    one: LeadPayload = LEAD, mapping: Mapping[str, str] | None = None, **settings: Any
) -> Receipt | DeliveryError:
    [result] = deliver([one], mapping, **settings)
    return result


def climbed(mapping: Mapping[str, str] | None = None, **settings: Any) -> list[Check]:
    with registry.connect("dynamics", {**STORED, **settings}, mapping) as connector:
        assert isinstance(connector, Dynamics)
        return list(connector.checks())
