"""What the tests of Marketo begin with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors import registry
from connectors.base import Check, LeadPayload, Receipt
from connectors.errors import DeliveryError
from connectors.fakes import FakeServer
from connectors.http import open_session
from tests.connectors.leads import LEAD

STORED: Mapping[str, Any] = {
    "munchkin_id": "123-ABC-456",
    "client_id": "a1b2c3d4-portal",
    "client_secret": "sesame-client-secret",
    "mode": "sync",
}
FORM: Mapping[str, Any] = {"mode": "form", "form_id": "1179"}


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
