"""What the tests of Dynamics 365 begin with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors import registry
from connectors.base import Check, LeadPayload, Receipt
from connectors.dynamics.connector import Dynamics
from connectors.errors import DeliveryError
from tests.connectors.leads import LEAD

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
