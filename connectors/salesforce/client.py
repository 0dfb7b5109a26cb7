"""One organization's REST API, signed in: the library's requests, through our session and with our token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from requests.models import Response

from connectors import oauth
from connectors.answers import Mask
from connectors.grants import Token
from connectors.http import GuardedSession
from connectors.salesforce import outcomes, signin
from connectors.salesforce.config import SalesforceConfig

API_VERSION = "64.0"

STANDING = {"Content-Type": "application/json", "X-PrettyPrint": "0"}
"""Headers of each request, beside the sign-in."""

_SIGNED_OUT = 401


class _Wire:
    """The session as the library sees it. Its errors leave an answer's headers behind, so the answer is kept here."""

    def __init__(self, session: GuardedSession) -> None:
        self.session = session
        self.proxies: dict[str, str] = {}
        self.answer = Response()

    def request(self, method: str, url: str, **given: Any) -> Response:
        self.answer = self.session.request(method, url, **given)
        return self.answer


class _Answer(NamedTuple):
    response: Response
    content: Any
    taken: bool


class Org:
    """Asks and tells one organization. What it raises is a DeliveryError, always."""

    def __init__(self, config: SalesforceConfig, session: GuardedSession) -> None:
        self.config = config
        self.session = session
        self.host = config.my_domain
        """The host that answered last: that of the settings until a sign-in has named another of Salesforce's."""
        self.mask = Mask(config.secret_values())
        """Hides the secrets of the settings, and the tokens they were exchanged for."""
        self._tokens: set[str] = set()

    def ask(
        self,
        method: str,
        *path: str,
        params: Mapping[str, str] | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Send a request under ``/services/data/vNN.0/`` and return the JSON that came; None where none did.

        The parts of ``path`` are quoted. A session that has ended is renewed once.
        """
        place = "/".join(quote(part, safe="") for part in path)
        given = {"params": params, "json": body, "headers": {**STANDING, **(headers or {})}}
        answer = self._signed_in(method, place, given)
        if not answer.taken:
            raise outcomes.refused(answer.response, answer.content, self.mask)
        return answer.content

    def token(self) -> Token:
        token = signin.token(self.session, self.config)
        if token.value not in self._tokens:
            self._tokens.add(token.value)
            self.mask = Mask([*self.config.secret_values(), *self._tokens])
        return token

    def _signed_in(self, method: str, place: str, given: Mapping[str, Any]) -> _Answer:
        token = self.token()
        answer = self._send(token, method, place, given)
        if answer.response.status_code != _SIGNED_OUT:
            return answer
        oauth.forget(signin.grant(self.config), token)
        return self._send(self.token(), method, place, given)

    def _send(self, token: Token, method: str, place: str, given: Mapping[str, Any]) -> _Answer:
        # Loaded by whoever speaks to an organization: it brings along 11 MB for SOAP, which no other process needs.
        from simple_salesforce.api import Salesforce  # noqa: PLC0415
        from simple_salesforce.exceptions import SalesforceError  # noqa: PLC0415

        wire = _Wire(self.session)
        self.host = signin.instance_of(token, self.config)
        given_session: Any = wire
        org = Salesforce(
            session_id=token.value, instance_url=f"https://{self.host}", version=API_VERSION, session=given_session
        )
        try:
            content = org.restful(place, method=method, **given)
        except SalesforceError as error:
            return _Answer(wire.answer, error.content, taken=False)
        except (ValueError, TypeError, RecursionError):
            raise outcomes.unreadable(wire.answer.status_code) from None
        return _Answer(wire.answer, content, taken=True)
