"""The Redis that all workers share, as connectors use it: never a condition for sending a lead.

While it is away each process keeps to itself for a moment, and asks again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cache
from time import monotonic
from typing import TypeVar

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

logger = logging.getLogger(__name__)

PATIENCE = 0.5
"""Seconds for one exchange."""
PAUSE = 5.0
"""Seconds to leave a Redis alone that did not answer."""

T = TypeVar("T")

_away_until = 0.0


def ask(work: Callable[[Redis], T], otherwise: Callable[[], T]) -> T:
    """Do the work with Redis, or the other thing while it is away."""
    global _away_until  # noqa: PLW0603 - one breaker per process is the point
    if monotonic() < _away_until:
        return otherwise()
    try:
        return work(_client(settings.REDIS_URL))
    except (RedisError, OSError) as error:
        _away_until = monotonic() + PAUSE
        logger.warning("Redis is away (%s); this process keeps to itself meanwhile.", type(error).__name__)
        return otherwise()


@cache
def _client(url: str) -> Redis:
    never = Retry(NoBackoff(), 0)
    return Redis.from_url(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=never)
