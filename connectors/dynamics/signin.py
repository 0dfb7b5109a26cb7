"""How the portal signs in to an environment: as an application, with a secret or a certificate, or as a user."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from connectors import oauth
from connectors.dynamics import certificates, entra, hosts
from connectors.dynamics.config import DynamicsConfig
from connectors.errors import DeliveryError, Misconfigured, Unavailable
from connectors.grants import Grant, Token
from connectors.http import GuardedSession

CHOICES = [
    ("azure_ad", "Entra ID application (recommended)"),
    ("certificate", "Entra ID application, with a certificate"),
    ("office365", "Office 365 user (legacy)"),
]

LIFETIME = 3_599.0
"""Seconds; Entra ID says it with each token."""
USERS_CLIENT = "51f81489-12ee-4a9e-aaae-a2591f45987d"
"""The client that Microsoft gives to programs which sign in as a user:
https://learn.microsoft.com/power-apps/developer/data-platform/xrm-tooling/use-connection-strings-xrm-tooling-connect"""
ANY_ORGANIZATION = "organizations"
"""In place of a directory: the one that the user's name belongs to."""

_REFUSED = frozenset(("sign-in", "token-address"))


def home(config: DynamicsConfig) -> str:
    """Return the address of the environment; Misconfigured where the settings name another kind of host."""
    if not hosts.login_host(config.instance_url):
        raise Misconfigured(
            "The settings name a host that is not Dynamics 365's, so nothing was sent.",
            cause="instance-address",
            fix=f"Enter the address of the environment, such as {hosts.EXAMPLE}.",
        )
    return config.instance_url


def grant(config: DynamicsConfig) -> Grant:
    """Say how to ask for a token; Misconfigured where the settings lead to a host that is not Microsoft's."""
    url, scope = _token_url(config), f"{home(config)}/.default"
    if config.authentication == "office365":
        fields = {"grant_type": "password", "client_id": USERS_CLIENT, "username": config.username, "scope": scope}
        return Grant(url=url, fields=fields, secret_fields={"password": config.password}, lifetime=LIFETIME)
    fields = {"grant_type": "client_credentials", "client_id": config.application_id, "scope": scope}
    if config.authentication == "certificate":
        return _certified(config, url, fields)
    return Grant(url=url, fields=fields, secret_fields={"client_secret": config.application_key}, lifetime=LIFETIME)


def renew(session: GuardedSession, config: DynamicsConfig) -> Token:
    """Sign in whatever is cached; raise Misconfigured where Entra ID refuses us, Unavailable where it is away."""
    with explained():
        return oauth.renew(session, grant(config))


@contextmanager
def explained() -> Iterator[None]:
    """Put the refusals of Entra ID into the publisher's words."""
    try:
        yield
    except Misconfigured as refusal:
        if refusal.cause not in _REFUSED:
            raise
        raise _explained(refusal) from None


def _token_url(config: DynamicsConfig) -> str:
    directory = ANY_ORGANIZATION if config.authentication == "office365" else config.directory_id
    if directory != ANY_ORGANIZATION and not hosts.is_directory(directory):
        raise Misconfigured(
            "The settings name a directory that cannot be one, so nothing was sent.",
            cause="sign-in",
            fix=entra.REFUSALS[900023].fix,
        )
    return f"https://{hosts.login_host(home(config))}/{directory}/oauth2/v2.0/token"


def _certified(config: DynamicsConfig, url: str, fields: dict[str, str]) -> Grant:
    try:
        thumbprint = certificates.read(config.certificate).thumbprint.hex()
    except ValueError as rule:
        raise Misconfigured(f"The certificate {rule}", cause="sign-in", fix="Enter the certificate again.") from None
    return Grant(
        url=url,
        fields=fields | {"client_assertion_type": certificates.ASSERTION_TYPE},
        fresh=lambda: certificates.assertion(config.certificate, config.application_id, url),
        client=thumbprint,
        lifetime=LIFETIME,
    )


def _explained(refusal: Misconfigured) -> DeliveryError:
    details: dict[str, Any] = {"status": refusal.status, "answer": refusal.answer}
    if not refusal.answer:  # it was not Entra ID that said no
        return refusal
    number = entra.number(refusal.answer)
    if number in entra.PASSING:
        return Unavailable("Entra ID has no token for us now.", cause="sign-in-away", **details)
    sentence, fix = entra.refusal(refusal.answer)
    named = f" (AADSTS{number})." if number else "."
    return Misconfigured(f"Entra ID {sentence.removesuffix('.')}{named}", cause="sign-in", fix=fix, **details)
