"""What the tests of Marketo begin with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from connectors import registry
from connectors.base import Check, LeadPayload, Receipt
from connectors.errors import DeliveryError
from connectors.fakes import FakeServer
from connectors.http import open_session

STORED: Mapping[str, Any] = {
    "munchkin_id": "123-ABC-456",
    "client_id": "a1b2c3d4-portal",
    "client_secret": "sesame-client-secret",
    "mode": "sync",
}
FORM: Mapping[str, Any] = {"mode": "form", "form_id": "1179"}
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
    with registry.connect("marketo", {**STORED, **settings}, mapping) as connector:
        return connector.deliver(leads)


def deliver_one(
    one: LeadPayload = LEAD, mapping: Mapping[str, str] | None = None, **settings: Any
) -> Receipt | DeliveryError:
    [result] = deliver([one], mapping, **settings)
    return result


def deliver_within(seconds: float, leads: Sequence[LeadPayload]) -> list[Receipt | DeliveryError]:
    """Deliver in less time than a connector usually has."""
    found = registry.get("marketo")
    with open_session(deadline=seconds, pool_size=2) as session:
        return found(found.config_class.load(STORED), session).deliver(leads)


def check(mapping: Mapping[str, str] | None = None, **settings: Any) -> list[Check]:
    with registry.connect("marketo", {**STORED, **settings}, mapping) as connector:
        return list(connector.checks())


def paths(server: FakeServer) -> list[str]:
    """List where requests went, without those for a token."""
    return [sent.path.partition("?")[0] for sent in server.requests if "/identity/" not in sent.path]
