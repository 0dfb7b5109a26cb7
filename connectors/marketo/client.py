"""One subscription's REST API, signed in and in pace. The token goes in the header, never in the address."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from connectors import oauth
from connectors.answers import Mask
from connectors.errors import Unsent
from connectors.grants import Token
from connectors.http import GuardedSession
from connectors.marketo import hosts, outcomes, signin
from connectors.marketo.config import MarketoConfig
from connectors.marketo.pace import Pace
from connectors.marketo.replies import Reply

STANDING = {"Content-Type": "application/json; charset=utf-8", "Accept": "application/json"}
"""Headers of each request, beside the sign-in."""


class Subscription:
    """Asks and tells one subscription. What it raises is a DeliveryError, always."""

    def __init__(self, config: MarketoConfig, session: GuardedSession) -> None:
        self.config = config
        self.session = session
        self.mask = Mask(config.secret_values())
        """Hides the secret of the settings, and the tokens it was exchanged for."""
        self._pace = Pace(config.munchkin_id)
        self._tokens: set[str] = set()

    def ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        alone: bool = True,
    ) -> list[Any]:
        """Send a request and return its ``result``. A token that is refused is renewed once.

        ``alone`` says that the request is about one lead at most, so that a refusal may be that lead's.
        """
        with self.session.budget():
            reply = self._call(method, path, params, body)
            if reply.is_stale:
                reply = self._call(method, path, params, body)
        if reply.taken:
            return reply.result
        error = outcomes.refused(reply, self.mask, alone=alone)
        if isinstance(error, Unsent):
            self._pace.heed(error)
        raise error

    def _call(self, method: str, path: str, params: Mapping[str, str] | None, body: Mapping[str, Any] | None) -> Reply:
        url = f"{hosts.rest(self.config.munchkin_id)}{path}"
        content = encoded(body) if body is not None else None
        with self._pace.room(self.session.seconds_left()):
            token = self.token()
            headers = STANDING | {"Authorization": f"Bearer {token.value}"}
            reply = Reply(self.session.request(method, url, params=params, data=content, headers=headers))
        if reply.is_stale:
            oauth.forget(signin.grant(self.config), token)
        return reply

    def token(self, *, anew: bool = False) -> Token:
        token = signin.token(self.session, self.config, anew=anew)
        if token.value not in self._tokens:
            self._tokens.add(token.value)
            self.mask = Mask([*self.config.secret_values(), *self._tokens])
        return token


def encoded(body: Mapping[str, Any]) -> bytes:
    """Write a body down as it is sent: shorter than with every letter beyond ASCII spelled out."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
