"""An imitated subscription behind the hosts of Marketo."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from pytest_django.fixtures import Settings

from connectors import behaviours, oauth, shared
from connectors.fakes import Behaviour, FakeServer, Line, Recorded
from connectors.marketo import schemas
from connectors.marketo.imitation.routes import respond
from connectors.marketo.imitation.subscription import Subscription
from connectors.stand_in import Call


def behaving(subscription: Subscription) -> Behaviour:
    """Answer as the subscription does."""

    def behave(request: Recorded, line: Line) -> None:
        place = urlsplit(request.path)
        host = request.headers.get("host", "").partition(":")[0]
        call = Call(
            method=request.method,
            host=host,
            path=place.path,
            query=place.query,
            headers=request.headers,
            body=request.body,
        )
        reply = respond(subscription, call)
        behaviours.answer(reply.status, reply.body, **dict(reply.headers))(request, line)

    return behave


@pytest.fixture(autouse=True)
def _forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin as a process that has just come up: what it goes by while Redis is away is forgotten too."""
    oauth.forget_all()
    schemas.forget_all()
    monkeypatch.setattr(shared, "_parked", {})


@pytest.fixture
def subscription() -> Subscription:
    return Subscription()


@pytest.fixture
def server(subscription: Subscription, settings: Settings) -> Iterator[FakeServer]:
    with FakeServer(behaving(subscription)) as server:
        settings.SANDBOX = True
        settings.OUTBOUND_CONNECT_TO = f"*={server.url}"
        yield server
