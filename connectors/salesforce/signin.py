"""How the portal signs in to an organization: three OAuth 2.0 flows on its own My Domain."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from connectors import oauth
from connectors.errors import DeliveryError, Misconfigured, Unanswered, Unavailable
from connectors.grants import Grant, Token
from connectors.http import GuardedSession
from connectors.salesforce import hosts
from connectors.salesforce.config import SalesforceConfig

CHOICES = [
    ("client_credentials", "Client credentials (recommended)"),
    ("jwt", "JWT bearer, signed with your key"),
    ("password", "User name and password (old, being retired)"),
]

LIFETIME = 55 * 60.0
"""Seconds; Salesforce names no lifetime, and sessions last an hour or more in most organizations."""
ASSERTION_LIFETIME = timedelta(minutes=3)
"""The longest that Salesforce takes."""
RATE_WAIT = 3_600.0
"""Seconds; sign-ins are counted by the hour."""

_JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"

_REFUSALS = (
    ("client identifier invalid", "does not know the consumer key.", "Copy the consumer key of the app once more."),
    ("invalid client credentials", "refused the consumer secret.", "Copy the consumer secret of the app once more."),
    ("no client credentials user", "has no user for this app to run as.", "Choose Run As under the app's policies."),
    (
        "client credentials flow",
        "has this flow switched off for the app.",
        "Enable that flow in the app.",
    ),
    ("approved this consumer", "has not let this user use the app.", "Pre-authorize the user's permission set."),
    ("audience is invalid", "takes this for the wrong kind of organization.", "Say whether it is a sandbox."),
    ("invalid assertion", "refused the signature.", "Upload the certificate of this very key to the app."),
    ("inactive user", "has deactivated the user.", "Activate the integration user, or choose another."),
    ("inactive organization", "has locked or removed the organization.", "Ask Salesforce about the organization."),
    ("authentication failure", "refused the user name, the password or the security token.", "Enter them once more."),
    ("unsupported_grant_type", "has this way of signing in switched off.", "Use client credentials."),
)
"""What Salesforce's refusals hold, and what they mean: they are told apart by their text alone."""


def grant(config: SalesforceConfig) -> Grant:
    """Say how to ask for a token."""
    url = f"https://{config.my_domain}/services/oauth2/token"
    if config.auth == "jwt":
        client = json.dumps([config.client_id, config.username, config.private_key])
        fields = {"grant_type": _JWT_BEARER}
        return Grant(url=url, fields=fields, fresh=lambda: _assertion(config), client=client, lifetime=LIFETIME)
    fields, secret_fields = {"grant_type": config.auth, "client_id": config.client_id}, _secret_fields(config)
    if config.auth == "password":
        fields["username"] = config.username
    return Grant(url=url, fields=fields, secret_fields=secret_fields, lifetime=LIFETIME)


def token(session: GuardedSession, config: SalesforceConfig, *, anew: bool = False) -> Token:
    """Return a good token; raise Misconfigured where Salesforce refuses us, Unavailable where it asks us to wait."""
    home(config)
    try:
        return (oauth.renew if anew else oauth.fetch)(session, grant(config))
    except Misconfigured as refusal:
        raise _explained(refusal, config) from None
    except Unanswered as silence:
        # No lead was in it: what was lost is no more than a sign-in.
        raise Unavailable(silence.sentence, cause=silence.cause, fix=silence.fix) from None


def home(config: SalesforceConfig) -> str:
    """Return the organization's own host; Misconfigured where the settings name another kind of host."""
    if not hosts.is_my_domain(config.my_domain):
        raise Misconfigured(
            "The settings name a host that is not Salesforce's, so nothing was sent.",
            cause="my-domain",
            fix="Enter My Domain, such as contoso.my.salesforce.com.",
        )
    return config.my_domain


def instance_of(token: Token, config: SalesforceConfig) -> str:
    """Return the host that the token is for; Misconfigured where that is none of Salesforce's."""
    answered = token.said.get("instance_url")
    host = hosts.instance(answered) if answered else config.my_domain
    if not host:
        raise Misconfigured(
            "The sign-in named an address that is not Salesforce's, so nothing was sent there.",
            cause="instance-address",
            fix="Check My Domain in the settings.",
        )
    return host


def _secret_fields(config: SalesforceConfig) -> dict[str, str]:
    secret = {"client_secret": config.client_secret}
    if config.auth == "password":
        secret["password"] = config.password + config.security_token
    return secret


def _assertion(config: SalesforceConfig) -> Mapping[str, str]:
    claims: dict[str, Any] = {
        "iss": config.client_id,
        "sub": config.username,
        "aud": f"https://{'test' if config.sandbox else 'login'}.salesforce.com",
        "exp": datetime.now(UTC) + ASSERTION_LIFETIME,
    }
    return {"assertion": jwt.encode(claims, config.private_key, algorithm="RS256")}


def _explained(refusal: Misconfigured, config: SalesforceConfig) -> DeliveryError:
    said = refusal.answer.lower()
    details: dict[str, Any] = {"status": refusal.status, "answer": refusal.answer}
    if "login rate exceeded" in said:
        sentence = "Salesforce counted too many sign-ins within an hour."
        return Unavailable(sentence, cause="sign-in-rate", retry_after=RATE_WAIT, **details)
    if "already being processed" in said or "unknown_error" in said:
        return Unavailable("Salesforce was busy with another sign-in.", cause="sign-in-away", **details)
    for sign, what, fix in _REFUSALS:
        if sign in said:
            return Misconfigured(f"Salesforce {what}", cause=refusal.cause, fix=fix, **details)
    return Misconfigured(
        f"{config.my_domain} refused the sign-in.",
        cause=refusal.cause,
        fix="Compare the consumer key, the secret and the way of signing in with the app in Setup.",
        **details,
    )
