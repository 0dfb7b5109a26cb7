"""How the portal signs in: OAuth 2.0 client credentials of a custom service, at the subscription's own host."""

from __future__ import annotations

from typing import Any

from connectors import oauth
from connectors.errors import Misconfigured
from connectors.grants import Grant, Token
from connectors.http import GuardedSession
from connectors.marketo import hosts
from connectors.marketo.config import MarketoConfig

_REFUSALS = (
    ("no client with requested id", "does not know the client ID.", "Copy the client ID of the custom service again."),
    ("bad client credentials", "refused the client secret.", "Copy the client secret of the custom service again."),
    ("unauthorized", "refused the client ID or secret.", "Copy both from the custom service again."),
)
"""What Marketo's refusals hold, and what they mean: they are told apart by their text alone."""


def grant(config: MarketoConfig) -> Grant:
    """Say how to ask for a token. The secret goes in the body: an address is written into logs."""
    return Grant(
        url=f"{hosts.rest(config.munchkin_id)}/identity/oauth/token",
        fields={"grant_type": "client_credentials", "client_id": config.client_id},
        secret_fields={"client_secret": config.client_secret},
        reissued=True,
    )


def token(session: GuardedSession, config: MarketoConfig, *, anew: bool = False) -> Token:
    """Return a good token; raise Misconfigured where Marketo refuses us, Unavailable where it is away."""
    try:
        return (oauth.renew if anew else oauth.fetch)(session, grant(config))
    except Misconfigured as refusal:
        raise _explained(refusal) from None


def _explained(refusal: Misconfigured) -> Misconfigured:
    said = refusal.answer.lower()
    details: dict[str, Any] = {"cause": refusal.cause, "status": refusal.status, "answer": refusal.answer}
    for sign, what, fix in _REFUSALS:
        if sign in said:
            return Misconfigured(f"Marketo {what}", fix=f"{fix} Admin, LaunchPoint, View Details shows it.", **details)
    return refusal
