"""An imitated environment behind the hosts of Dynamics 365 and Entra ID."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from pytest_django.fixtures import Settings
from redis import Redis

from connectors import behaviours, oauth
from connectors.dynamics import schemas
from connectors.dynamics.imitation.environment import Environment
from connectors.dynamics.imitation.routes import respond
from connectors.fakes import Behaviour, FakeServer, Line, Recorded
from connectors.stand_in import Call


def behaving(env: Environment) -> Behaviour:
    """Answer as the environment does."""

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
        reply = respond(env, call)
        headers = {"Content-Type": reply.content_type, **reply.headers}
        behaviours.answer(reply.status, reply.body, **headers)(request, line)

    return behave


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
