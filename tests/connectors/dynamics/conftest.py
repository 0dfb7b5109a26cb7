"""An imitated environment behind the hosts of Dynamics 365 and Entra ID."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from pytest_django.fixtures import Settings
from redis import Redis

from connectors import oauth
from connectors.dynamics import schemas
from connectors.dynamics.imitation.environment import Environment
from connectors.dynamics.imitation.routes import respond
from connectors.fakes import Behaviour, FakeServer
from tests.connectors.imitating import answering


def behaving(env: Environment) -> Behaviour:
    """Answer as the environment does."""
    return answering(partial(respond, env))


@pytest.fixture(autouse=True)
def _forgotten(redis: Redis) -> None:
    redis.flushall()
    oauth.forget_all()
    schemas.forget_all()


@pytest.fixture
def env() -> Environment:
    return Environment()


@pytest.fixture
def server(env: Environment, settings: Settings) -> Iterator[FakeServer]:
    with FakeServer(behaving(env)) as server:
        settings.SANDBOX = True
        settings.OUTBOUND_CONNECT_TO = f"*={server.url}"
        yield server
