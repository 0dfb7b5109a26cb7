"""Who is asking: the marketplace's intake key sends leads, a publisher's key does everything else."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import NoReturn

from django.http import HttpRequest
from ninja.security.http import HttpAuthBase

from leads import keys, known
from leads.models import ApiKey
from portal.access import Access, of_key
from portal.api.problems import Fault, Problem


class FromIntake(HttpRequest):
    """A request with an intake key."""

    auth: ApiKey


class FromPublisher(HttpRequest):
    """A request with a publisher's key."""

    auth: Access


class IntakeKey(HttpAuthBase):
    """A key of the marketplace, for sending leads."""

    openapi_scheme = "bearer"

    def __call__(self, request: HttpRequest) -> ApiKey:
        return intake_key(request)


class PublisherKey(HttpAuthBase):
    """A key of one publisher, for everything that is theirs."""

    openapi_scheme = "bearer"

    def __call__(self, request: HttpRequest) -> Access:
        key = _key(request, keys.find)
        if key.publisher_id is None:
            _forbid("An intake key sends leads and nothing else; use a publisher's key.")
        return of_key(key)


def intake_key(request: HttpRequest) -> ApiKey:
    """Return the key of the marketplace that a request names; Problem 401 or 403."""
    key = _key(request, known.key)
    if key.publisher_id is not None:
        _forbid("Leads are sent with an intake key; this key is a publisher's.")
    return key


def _key(request: HttpRequest, find: Callable[[str], ApiKey | None]) -> ApiKey:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        _refuse("Send a key: Authorization: Bearer <key>.", "Bearer")
    key = find(token.strip())
    return key or _refuse("The key is unknown or revoked.", 'Bearer error="invalid_token"')


def _refuse(rule: str, challenge: str) -> NoReturn:
    raise Problem(HTTPStatus.UNAUTHORIZED, rule, [Fault("Authorization", rule)], {"WWW-Authenticate": challenge})


def _forbid(rule: str) -> NoReturn:
    raise Problem.at("Authorization", rule, HTTPStatus.FORBIDDEN)
