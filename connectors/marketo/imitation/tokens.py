"""The identity service of the imitated subscription: one token at a time, handed out again until it ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

USER = "portal@contoso.example"


class Refusal(Exception):
    """A client that is not let in."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error)
        self.body = {"error": error, "error_description": description}


@dataclass
class Identity:
    """Who is let in, and for how long."""

    client_id: str = ""
    client_secret: str = ""
    """The only ones that are let in; any are where these are empty."""
    life: float = 3_600.0
    """Seconds that a new token lasts."""
    ends_at: float = 0.0
    token: str = ""
    sign_ins: int = 0
    refused: list[str] = field(default_factory=list)
    """The codes by which tokens were refused."""
    always: str = ""
    """The code that refuses every token."""
    _revoked: set[str] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    def issue(self, query: str, body: bytes) -> dict[str, Any]:
        """Answer a request for a token, which names the client in its address or in its body."""
        form = {name: values[0] for name, values in parse_qs(f"{query}&{body.decode()}").items()}
        with self._lock:
            self.sign_ins += 1
            self._prove(form)
            if monotonic() >= self.ends_at or self.token in self._revoked:
                self.token, self.ends_at = f"{uuid4()}:int", monotonic() + self.life
            left = int(self.ends_at - monotonic())
            return {"access_token": self.token, "token_type": "bearer", "expires_in": left, "scope": USER}

    def judge(self, header: str) -> str:
        """Return the code that refuses a token, ``""`` where it is good."""
        given = header.removeprefix("Bearer ")
        with self._lock:
            code = self.always or self._code(given)
            self.refused += [code] if code else []
        return code

    def revoke(self) -> None:
        """Have the present token refused from now on."""
        with self._lock:
            self._revoked.add(self.token)

    def _code(self, given: str) -> str:
        if given in self._revoked or given != self.token:
            return "601"
        return "602" if monotonic() >= self.ends_at else ""

    def _prove(self, form: dict[str, str]) -> None:
        if form.get("grant_type") != "client_credentials":
            raise Refusal("unsupported_grant_type", f"Unsupported grant type: {form.get('grant_type')}")
        if self.client_id and form.get("client_id") != self.client_id:
            raise Refusal("unauthorized", f"No client with requested id: {form.get('client_id')}")
        if self.client_secret and form.get("client_secret") != self.client_secret:
            raise Refusal("invalid_client", "Bad client credentials")
