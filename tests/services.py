"""PostgreSQL and Redis for the tests: the ones that ``DATABASE_URL`` and ``REDIS_URL`` name, else embedded ones."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from redis import Redis

from leads import known
from portal import embedded


@pytest.fixture(scope="session", autouse=True)
def services() -> Iterator[None]:
    with embedded.start(durable=False):
        yield


@pytest.fixture(scope="session")
def redis_client(services: None) -> Iterator[Redis]:
    with Redis.from_url(settings.REDIS_URL) as client:
        yield client


@pytest.fixture(autouse=True)
def redis(redis_client: Redis) -> Redis:
    """Hand out the broker, emptied: no test sees what another has left there."""
    redis_client.flushdb()
    return redis_client


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    known.forget()
