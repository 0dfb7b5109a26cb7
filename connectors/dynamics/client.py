"""One environment's Web API, signed in."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any
from uuid import uuid4

from requests.models import Response

from connectors import oauth
from connectors.answers import Mask
from connectors.dynamics import outcomes, signin
from connectors.dynamics.answered import Answer
from connectors.dynamics.config import DynamicsConfig
from connectors.grants import Grant, Token
from connectors.http import GuardedSession

API = "/api/data/v9.2"

STANDING = {"Accept": "application/json", "OData-Version": "4.0", "OData-MaxVersion": "4.0"}
"""Headers of each request, beside the sign-in and an id by which Microsoft's support finds it."""


class Dataverse:
    """Asks and tells one environment. What it raises is a DeliveryError, always."""

    def __init__(self, config: DynamicsConfig, session: GuardedSession) -> None:
        self.config = config
        self.session = session
        self.mask = Mask(config.secret_values())
        """Hides the secrets of the settings, and the tokens they were exchanged for."""
        self._tokens: set[str] = set()

    @property
    def root(self) -> str:
        """The address under which everything is."""
        return f"{signin.home(self.config)}{API}"

    def ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a request and return its answer; raise what a refusal means."""
        answer = self.send(method, path, params=params, body=body, headers=headers)
        if not answer.taken:
            raise outcomes.refused(answer, self.mask)
        return answer

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a request under ``/api/data/v9.2/`` and return the answer, a refusal too.

        A token that is refused is renewed once.
        """
        url = f"{self.root}/{path}"
        given: dict[str, Any] = {"params": params, "data": body}

        def once(token: Token) -> Response:
            self._hide(token)
            sent = {**STANDING, **(headers or {}), **self._trace(), "Authorization": f"Bearer {token.value}"}
            return self.session.request(method, url, headers=sent, **given)

        with signin.explained():
            return Answer.of(oauth.authorised(self.session, self._grant, once))

    @cached_property
    def _grant(self) -> Grant:
        return signin.grant(self.config)

    def _trace(self) -> dict[str, str]:
        return {"x-ms-client-request-id": str(uuid4())}

    def _hide(self, token: Token) -> None:
        if token.value not in self._tokens:
            self._tokens.add(token.value)
            self.mask = Mask([*self.config.secret_values(), *self._tokens])
