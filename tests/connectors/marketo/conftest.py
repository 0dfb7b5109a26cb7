"""An imitated subscription behind the hosts of Marketo."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from pytest_django.fixtures import Settings

from connectors import oauth, shared
from connectors.fakes import Behaviour, FakeServer
from connectors.marketo import schemas
from connectors.marketo.imitation.routes import respond
from connectors.marketo.imitation.subscription import Subscription
from tests.connectors.imitating import answering


def behaving(subscription: Subscription) -> Behaviour:
    """Answer as the subscription does."""
    return answering(partial(respond, subscription))


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
