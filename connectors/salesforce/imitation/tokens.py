"""Signing in to the imitated organization."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import jwt

from connectors.salesforce.imitation.organization import Fault, Organization

_JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class Refusal(Fault):
    """An OAuth error."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(400, error)
        self.body = {"error": error, "error_description": description}  # type: ignore[assignment]


def issue(org: Organization, body: bytes) -> dict[str, Any]:
    """Exchange a grant for a session."""
    form = {name: values[0] for name, values in parse_qs(body.decode(), keep_blank_values=True).items()}
    org.sign_ins += 1
    kind = form.get("grant_type", "")
    if kind == _JWT:
        _assert(org, form.get("assertion", ""))
    elif kind in ("client_credentials", "password"):
        _prove(org, form)
    else:
        raise Refusal("unsupported_grant_type", "grant type not supported")
    return {
        "access_token": org.issue(),
        "instance_url": f"https://{org.host}",
        "id": "https://login.salesforce.com/id/00D5g00000ABCDEEA4/0055g00000ABCDEAAA",
        "token_type": "Bearer",
        "issued_at": "1790000000000",
        "signature": "c2lnbmF0dXJl",
    }


def _prove(org: Organization, form: dict[str, str]) -> None:
    if not form.get("client_id"):
        raise Refusal("invalid_client_id", "client identifier invalid")
    if org.client_secret and form.get("client_secret") != org.client_secret:
        raise Refusal("invalid_client", "invalid client credentials")
    if form["grant_type"] == "password" and org.users and form.get("username") not in org.users:
        raise Refusal("invalid_grant", "authentication failure")


def _assert(org: Organization, assertion: str) -> None:
    try:
        claims = jwt.decode(assertion, options={"verify_signature": False})
    except jwt.InvalidTokenError:
        raise Refusal("invalid_grant", "invalid assertion") from None
    if claims.get("aud") not in ("https://login.salesforce.com", "https://test.salesforce.com"):
        raise Refusal("invalid_grant", "audience is invalid")
    if org.users and claims.get("sub") not in org.users:
        raise Refusal("invalid_grant", "user hasn't approved this consumer")
