"""The HTTPS endpoint keeps the contract of every connector, whichever way it signs in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from connectors import behaviours
from connectors.answers import MASK
from connectors.base import Preview
from connectors.fakes import Behaviour, Recorded
from connectors.testing import ConnectorContract

SIGNED = {
    "url": "https://leads.contoso.example/marketplace?route=7",
    "signing_secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
}


class TestHttpsEndpoint(ConnectorContract):
    slug = "https_endpoint"
    stored: ClassVar[Mapping[str, Any]] = SIGNED | {"auth": "none"}
    mapping = {"Campaign": "{OfferTitle} / {LeadSource}"}

    def idempotency_key(self, request: Recorded) -> object:
        return request.headers.get("webhook-id")

    def same(self, preview: Preview, sent: Recorded) -> bool:
        shown = {name.lower(): value for name, value in preview.headers.items()}
        plain = {name for name, value in shown.items() if MASK not in value and name != "webhook-timestamp"}
        return (
            json.loads(preview.body) == sent.json()
            and {name: shown[name] for name in plain} == {name: sent.headers[name] for name in plain}
            and shown.keys() == sent.headers.keys() - {"host"}
            and preview.url == f"https://{sent.headers['host']}{sent.path}"
        )


class TestWithHeader(TestHttpsEndpoint):
    stored = SIGNED | {"auth": "header", "header_name": "X-Api-Key", "header_value": 'sesame "open" & <shut>'}


class TestWithBasic(TestHttpsEndpoint):
    stored = SIGNED | {"auth": "basic", "username": "portal", "password": "sesame öffne dich"}


class TestWithBearer(TestHttpsEndpoint):
    stored = SIGNED | {"auth": "bearer", "token": "sesame.bearer.token"}


class TestWithOAuth2(TestHttpsEndpoint):
    stored = SIGNED | {
        "auth": "oauth2",
        "token_url": "https://login.contoso.example/token",
        "client_id": "portal",
        "client_secret": "sesame-client-secret",
        "scope": "leads.write",
    }

    def accepting(self) -> Behaviour:
        return behaviours.answer(200, {"access_token": "sesame-issued-token", "expires_in": 3600})

    @property
    def secrets(self) -> list[str]:
        return [*super().secrets, "sesame-issued-token"]
