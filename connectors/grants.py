"""Ask a sign-in service for a token, once."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic, sleep
from typing import Any

from requests.models import Response

from connectors import answers
from connectors.errors import DeliveryError, Misconfigured, Unavailable
from connectors.http import GuardedSession
from connectors.urls import host_of

MARGIN = 60.0
"""Seconds before expiry at which a token is renewed; a tenth of its life where that is less."""
UNSTATED_LIFETIME = 300.0
SHORTEST_REISSUED = 5.0
"""Seconds; a reissued token with less life is not worth using."""
WHOLE_SECOND = 1.0
"""Seconds; lifetimes are told in whole seconds, cut off, so a token may live this much longer than it was said to."""

_TOKEN = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """How to ask for a token.

    ``fields`` and ``secret_fields`` make the form that is posted, ``basic`` is a client id and secret sent as Basic
    sign-in where the service wants that. ``fresh`` makes secret fields anew for each request, such as a signed
    assertion; they do not tell clients apart, so ``client`` does where the other fields do not either. ``lifetime`` is
    in seconds, for services that name none. ``reissued``: the service hands out the same token until it ends, so it is
    used to its end, and asking earlier is no use.
    """

    url: str
    fields: Mapping[str, str]
    secret_fields: Mapping[str, str] = field(default_factory=dict, repr=False)
    basic: tuple[str, str] | None = field(default=None, repr=False)
    fresh: Callable[[], Mapping[str, str]] = field(default=dict, repr=False)
    client: str = field(default="", repr=False)
    lifetime: float = UNSTATED_LIFETIME
    reissued: bool = False

    @property
    def fingerprint(self) -> str:
        """Tell this client at this service from any other, without keeping its secret."""
        told = json.dumps([self.url, sorted({**self.fields, **self.secret_fields}.items()), self.basic, self.client])
        return hashlib.sha256(told.encode()).hexdigest()

    @property
    def secrets(self) -> list[str]:
        """List what must not be seen if the service echoes it."""
        return [*self.secret_fields.values(), *(self.basic or ())[1:]]


@dataclass(frozen=True, slots=True)
class Token:
    """An access token, and what else the service said with it (``instance_url``, ``scope``)."""

    value: str = field(repr=False)
    renew_at: float
    said: Mapping[str, Any] = field(repr=False)


def ask(session: GuardedSession, grant: Grant) -> Token:
    """Ask for a token; raise Misconfigured where the client is refused, Unavailable where the service is away."""
    token = _asked(session, grant)
    left = token.renew_at - monotonic()
    if not grant.reissued or left >= SHORTEST_REISSUED or left >= session.seconds_left():
        return token
    sleep(max(left, 0.0))
    return _asked(session, grant)


def _asked(session: GuardedSession, grant: Grant) -> Token:
    fresh = grant.fresh()
    form = {**grant.fields, **grant.secret_fields, **fresh}
    headers = {"Accept": "application/json"}
    response = session.post(grant.url, data=form, auth=grant.basic, headers=headers)
    return _read(response, grant, answers.Mask([*grant.secrets, *fresh.values()]))


def _read(response: Response, grant: Grant, mask: answers.Mask) -> Token:
    said = _json(response)
    value, life = said.get("access_token"), said.get("expires_in", grant.lifetime)
    if response.status_code != 200 or not isinstance(value, str) or not _TOKEN.fullmatch(value):  # noqa: PLR2004
        raise _refusal(response, said, grant, mask)
    seconds = _seconds(life, grant.lifetime)
    margin = -WHOLE_SECOND if grant.reissued else min(MARGIN, seconds / 10)
    return Token(value, monotonic() + seconds - margin, said)


def _json(response: Response) -> dict[str, Any]:
    try:
        said = response.json()
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _seconds(life: Any, otherwise: float) -> float:
    """Read ``expires_in``, which some services write as text."""
    try:
        return max(float(life), 0.0)
    except (TypeError, ValueError):
        return otherwise


def _refusal(response: Response, said: Mapping[str, Any], grant: Grant, mask: answers.Mask) -> DeliveryError:
    host, status = host_of(grant.url), response.status_code
    details: dict[str, Any] = {"status": status, "answer": answers.text(response, mask)}
    if answers.is_away(status) or said.get("error") in ("temporarily_unavailable", "server_error"):
        wait = answers.retry_after(response)
        return Unavailable(f"{host} has no tokens to give now.", cause="sign-in-away", retry_after=wait, **details)
    if status in (400, 401, 403):
        return Misconfigured(
            f"{host} refused the client id or secret.",
            cause="sign-in",
            fix="Check the client id, the secret and its expiry date, and the scope; then save them here.",
            **details,
        )
    return Misconfigured(
        f"{host} answered {status} without a token.",
        cause="token-address",
        fix="Check that the token address is that of an OAuth 2.0 token endpoint.",
        **details,
    )
