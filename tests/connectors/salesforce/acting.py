"""What the tests of Salesforce begin with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors import registry
from connectors.base import LeadPayload, Receipt
from connectors.errors import DeliveryError
from connectors.http import open_session
from connectors.salesforce.imitation.described import KEY
from tests.connectors.leads import LEAD

STORED: Mapping[str, Any] = {
    "mode": "rest",
    "my_domain": "contoso.my.salesforce.com",
    "auth": "client_credentials",
    "client_id": "3MVG9consumer",
    "client_secret": "sesame-consumer-secret",
    "external_id_field": KEY,
}
FORM: Mapping[str, Any] = {"mode": "web_to_lead", "organization_id": "00D5g00000ABCDEEA4"}


def deliver(
    leads: Sequence[LeadPayload], mapping: Mapping[str, str] | None = None, **settings: Any
) -> list[Receipt | DeliveryError]:
    with registry.connect("salesforce", {**STORED, **settings}, mapping) as connector:
        return connector.deliver(leads)


def deliver_within(seconds: float, **settings: Any) -> Receipt | DeliveryError:
    """Deliver one lead in less time than a connector usually has."""
    found = registry.get("salesforce")
    with open_session(deadline=seconds, pool_size=1) as session:
        [result] = found(found.config_class.load({**STORED, **settings}), session).deliver([LEAD])
    return result


def deliver_one(
    one: LeadPayload = LEAD, mapping: Mapping[str, str] | None = None, **settings: Any
) -> Receipt | DeliveryError:
    [result] = deliver([one], mapping, **settings)
    return result
