"""How the portal signs in to an endpoint, beside signing each message."""

from __future__ import annotations

import base64

from connectors.grants import Grant
from connectors.https_endpoint.config import EndpointConfig

CHOICES = [
    ("none", "None: the signature alone"),
    ("header", "A header of your choice"),
    ("basic", "Basic: user name and password"),
    ("bearer", "Bearer token"),
    ("oauth2", "OAuth 2.0 client credentials"),
]


def headers(config: EndpointConfig) -> dict[str, str]:
    """Return the header that signs in; none where a token must be fetched first."""
    if config.auth == "header":
        return {config.header_name: config.header_value}
    if config.auth == "basic":
        pair = f"{config.username}:{config.password}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
    if config.auth == "bearer":
        return bearer(config.token)
    return {}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def grant(config: EndpointConfig) -> Grant:
    """Say how to ask for a token."""
    scope = {"scope": config.scope} if config.scope else {}
    return Grant(
        url=config.token_url,
        fields={"grant_type": "client_credentials", "client_id": config.client_id, **scope},
        secret_fields={"client_secret": config.client_secret},
    )


def sentence(config: EndpointConfig) -> str:
    """Say how messages sign in, without the secret."""
    return {
        "none": "No sign-in is set: each message carries our signature, by which you know it is ours.",
        "header": f"Each message carries the header {config.header_name} with the value you gave.",
        "basic": f"Each message signs in as {config.username} with the password you gave.",
        "bearer": "Each message carries the bearer token you gave.",
    }[config.auth]
