"""Salesforce keeps the contract of every connector, whichever way leads go in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from connectors.answers import MASK
from connectors.base import Preview
from connectors.fakes import Behaviour, Recorded
from connectors.salesforce.imitation.described import KEY
from connectors.salesforce.imitation.organization import Organization
from connectors.testing import ConnectorContract
from tests.connectors.salesforce.conftest import behaving

REST = {
    "mode": "rest",
    "my_domain": "contoso.my.salesforce.com",
    "auth": "client_credentials",
    "client_id": "3MVG9consumer",
    "client_secret": "sesame-consumer-secret",
    "external_id_field": KEY,
}
KEY_PEM = (
    generate_private_key(65_537, 2_048)
    .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    .decode()
    .strip()
)


class TestSalesforce(ConnectorContract):
    slug = "salesforce"
    stored: ClassVar[Mapping[str, Any]] = REST
    mapping = {"Marketplace_Offer__c": "{OfferTitle}"}

    def accepting(self) -> Behaviour:
        return behaving(Organization())

    def idempotency_key(self, request: Recorded) -> object:
        if "/composite/sobjects" not in request.path:
            return None
        return tuple(record.get(KEY) or record["Email"] for record in request.json()["records"])

    def same(self, preview: Preview, sent: Recorded) -> bool:
        shown = {name.lower(): value for name, value in preview.headers.items()}
        plain = {name: value for name, value in shown.items() if MASK not in value}
        return (
            json.loads(preview.body) == sent.json()
            and plain.items() <= sent.headers.items()
            and preview.url == f"https://{sent.headers['host']}{sent.path}"
            and preview.method == sent.method
        )

    @pytest.fixture(autouse=True)
    def _no_hurry(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("connectors.salesforce.rows.PAUSE", (0.0, 0.0))


class TestWithoutExternalId(TestSalesforce):
    stored = REST | {"external_id_field": ""}


class TestWithJwt(TestSalesforce):
    stored = REST | {"auth": "jwt", "username": "portal@contoso.example", "private_key": KEY_PEM, "client_secret": ""}


class TestWithPassword(TestSalesforce):
    stored = REST | {
        "auth": "password",
        "username": "portal@contoso.example",
        "password": "sesame öffne dich",
        "security_token": "sesame-security-token",
    }


class TestWebToLead(TestSalesforce):
    stored = {"mode": "web_to_lead", "organization_id": "00D5g00000ABCDE"}
    mapping = {"00N5g00000FIELD": "{OfferTitle}"}

    def idempotency_key(self, request: Recorded) -> object:
        return parse_qs(request.body.decode())["email"][0] if "WebToLead" in request.path else None

    def same(self, preview: Preview, sent: Recorded) -> bool:
        shown = {name.lower(): value for name, value in preview.headers.items()}
        return (
            preview.body == sent.body.decode()
            and shown.items() <= sent.headers.items()
            and preview.url == f"https://{sent.headers['host']}{sent.path}"
        )
