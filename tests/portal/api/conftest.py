"""Who calls the API: the marketplace, Contoso, Fabrikam, and nobody in particular."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from connectors.behaviours import answer
from connectors.fakes import FakeServer
from leads import keys
from leads.models import Lead
from tests.factories import make_publisher

Answer = Any
"""A response as Django's test client gives it; that class has no public name."""
SECRET_WORD = "Zaphod-4711"
"""Put into a body by tests that look for it in the log."""


class Caller:
    """A client of the API with one key, or none."""

    def __init__(self, token: str | None = None) -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path: str, **query: Any) -> Answer:
        return self.client.get(f"/api/v1/{path}", query, headers=self.headers)

    def post(self, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        return self.send("post", path, json.dumps(body), headers=headers)

    def patch(self, path: str, body: Any) -> Answer:
        return self.send("patch", path, json.dumps(body))

    def delete(self, path: str) -> Answer:
        return self.client.delete(f"/api/v1/{path}", headers=self.headers)

    def send(
        self,
        method: str,
        path: str,
        body: str | bytes,
        content_type: str = "application/json",
        headers: dict[str, str] | None = None,
    ) -> Answer:
        # Django's client leaves out the content type of an empty body.
        named = self.headers | {"Content-Type": content_type} | (headers or {})
        call = getattr(self.client, method)
        return call(f"/api/v1/{path}", body, content_type=content_type, headers=named)


class Refusal(NamedTuple):
    status: int
    fields: list[str]
    rules: str


def refusal(response: Answer) -> Refusal:
    """Read an error, which must be a problem as RFC 9457 has it."""
    problem = response.json()
    assert response["Content-Type"] == "application/problem+json"
    assert problem["status"] == response.status_code
    assert problem["type"] == "about:blank"
    assert problem["title"]
    assert problem["detail"].endswith(".")
    errors = problem["errors"]
    return Refusal(response.status_code, [error["field"] for error in errors], " ".join(e["rule"] for e in errors))


def everything(caller: Caller, path: str, **asked: Any) -> list[dict[str, Any]]:
    """List what a path has, page by page."""
    page = caller.get(path, **asked).json()
    found: list[dict[str, Any]] = page["items"]
    while page["next"]:
        page = caller.get(path, **asked, cursor=page["next"]).json()
        found += page["items"]
    return found


@pytest.fixture
def marketplace(db: None) -> Caller:
    return Caller(keys.issue("marketplace")[1])


@pytest.fixture
def contoso(db: None) -> Caller:
    return Caller(keys.issue("crm", make_publisher("contoso"))[1])


@pytest.fixture
def fabrikam(db: None) -> Caller:
    return Caller(keys.issue("crm", make_publisher("fabrikam"))[1])


@pytest.fixture
def nobody(db: None) -> Caller:
    return Caller()


@pytest.fixture
def discreet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Hold that the log, at its most talkative, never has :data:`SECRET_WORD`."""
    caplog.set_level(logging.DEBUG)
    yield
    assert SECRET_WORD not in caplog.text


@pytest.fixture
def nothing_stored(db: None) -> Iterator[None]:
    """Hold that the test leaves no lead."""
    yield
    assert not Lead.objects.exists()


def lead(**changes: Any) -> dict[str, Any]:
    """Write a lead as the marketplace sends it; ``user`` changes fields of the customer."""
    user = {"FirstName": "Ada", "LastName": "Lovelace", "Email": "ada@example.com"} | changes.pop("user", {})
    whole = {"OfferId": "contoso.crm", "LeadSource": "AzureMarketplace", "ActionCode": "INS", "UserDetails": user}
    return {name: value for name, value in (whole | changes).items() if value is not ...}


@pytest.fixture
def receiver(settings: Settings) -> Iterator[FakeServer]:
    """Answer for leads.contoso.example, as its endpoint would."""
    with FakeServer(answer(200, {"id": "7"})) as server:
        settings.OUTBOUND_CONNECT_TO = f"leads.contoso.example={server.url}"
        yield server
