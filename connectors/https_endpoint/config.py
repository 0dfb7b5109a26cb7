"""The settings of an HTTPS endpoint."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from connectors.config import Config, secret


@dataclass(frozen=True, slots=True)
class EndpointConfig(Config):
    """Where to post and how to sign in; the signing secrets are issued by the portal."""

    url: str = ""
    auth: str = "none"
    header_name: str = ""
    header_value: str = secret()
    username: str = ""
    password: str = secret()
    token: str = secret()
    token_url: str = ""
    client_id: str = ""
    client_secret: str = secret()
    scope: str = ""
    signing_secret: str = secret()
    previous_signing_secret: str = secret()
    previous_signing_secret_until: str = ""

    def signing_secrets(self, now: datetime) -> list[str]:
        """List the secrets to sign with: the present one, and the one before while it is still good."""
        until = self.previous_signing_secret_until
        overlap = bool(until) and now < datetime.fromisoformat(until)
        return [self.signing_secret, *([self.previous_signing_secret] if overlap else [])]
