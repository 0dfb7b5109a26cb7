"""Post each lead as signed JSON to an address of the publisher's."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from requests import Request
from requests.models import PreparedRequest, Response

from connectors import ladder, oauth
from connectors.answers import MASK, Mask
from connectors.base import Check, Connector, LeadPayload, Preview, Receipt
from connectors.errors import DeliveryError
from connectors.grants import Token
from connectors.https_endpoint import outcomes, payload, signin, signing
from connectors.https_endpoint.config import EndpointConfig
from connectors.https_endpoint.forms import EndpointForm
from connectors.samples import sample_lead
from connectors.urls import host_of


class HttpsEndpoint(Connector[EndpointConfig]):
    """The publisher's own endpoint, or any service that takes webhooks."""

    label = "HTTPS endpoint"
    summary = "Each lead as a signed JSON message, posted to an address of yours."
    config_class = EndpointConfig
    form_class = EndpointForm
    rungs = ("Address found", "Secure connection", "Sign-in", "Accepts a signed test message")
    defaults = payload.DEFAULTS
    reserved_fields = payload.STANDARD
    overlap = timedelta(hours=24)

    def deliver(self, leads: Sequence[LeadPayload]) -> list[Receipt | DeliveryError]:
        with self.session.budget():
            return [self._deliver(lead) for lead in leads]

    def checks(self) -> Iterator[Check]:
        names, url = self.rungs, self.config.url
        yield from ladder.climb(
            (names[0], lambda: ladder.find_address(url)),
            (names[1], lambda: ladder.secure_connection(url)),
            (names[2], self._sign_in),
            (names[3], self._send_test),
        )

    def render(self, lead: LeadPayload) -> Preview:
        content = payload.message(lead, self.mapping)
        request = self._request(lead.id, payload.encoded(content), self._masked_sign_in())
        shown = dict(request.headers) | {"webhook-signature": f"v1,{MASK}"}
        return Preview(
            method="POST", url=self.config.url, headers=shown, body=json.dumps(content, ensure_ascii=False, indent=2)
        )

    @classmethod
    def issue(cls) -> dict[str, Any]:
        return {"signing_secret": signing.new_secret()}

    @classmethod
    def rotate(cls, stored: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        return cls.issue() | {
            "previous_signing_secret": stored["signing_secret"],
            "previous_signing_secret_until": (now + cls.overlap).isoformat(),
        }

    def _deliver(self, lead: LeadPayload) -> Receipt | DeliveryError:
        body = payload.encoded(payload.message(lead, self.mapping))
        try:
            return self._post(lead.id, body)
        except DeliveryError as problem:
            return problem

    def _post(self, message_id: str, body: bytes) -> Receipt | DeliveryError:
        if self.config.auth != "oauth2":
            return outcomes.judge(self.session.send(self._request(message_id, body)), self._mask)
        tokens: list[str] = []

        def send(token: Token) -> Response:
            tokens.append(token.value)
            return self.session.send(self._request(message_id, body, signin.bearer(token.value)))

        response = oauth.authorised(self.session, signin.grant(self.config), send)
        return outcomes.judge(response, Mask([*self.config.secret_values(), *tokens]))

    def _request(self, message_id: str, body: bytes, sign_in: Mapping[str, str] | None = None) -> PreparedRequest:
        now = datetime.now(UTC)
        request = self._common.copy()
        request.headers.update(signing.headers(message_id, now, body, self.config.signing_secrets(now)))
        request.headers.update(sign_in or {})
        request.headers["Content-Length"] = str(len(body))
        request.body = body
        return request

    @cached_property
    def _common(self) -> PreparedRequest:
        """Prepare what all messages share once: for each one anew, it would cost as much as the sending."""
        headers = {"Content-Type": "application/json; charset=utf-8", **signin.headers(self.config)}
        return self.session.prepare_request(Request("POST", self.config.url, headers=headers))

    @cached_property
    def _mask(self) -> Mask:
        return Mask([*self.config.secret_values(), f"{self.config.username}:{self.config.password}"])

    def _masked_sign_in(self) -> dict[str, str]:
        if self.config.auth == "oauth2":
            return signin.bearer(MASK)
        return {name: _masked(value) for name, value in signin.headers(self.config).items()}

    def _sign_in(self) -> str:
        if self.config.auth != "oauth2":
            return signin.sentence(self.config)
        grant = signin.grant(self.config)
        with self.session.budget():
            oauth.renew(self.session, grant)
        return f"{host_of(grant.url)} issued a token for {self.config.client_id}."

    def _send_test(self) -> str:
        [result] = self.deliver([sample_lead()])
        if isinstance(result, DeliveryError):
            raise result
        return f"{host_of(self.config.url)} took a signed test message and answered {result.status}."


def _masked(header: str) -> str:
    scheme, space, _ = header.partition(" ")
    return f"{scheme} {MASK}" if space and scheme in ("Basic", "Bearer") else MASK
