"""Wake-up calls to the workers. The row is the truth: a call that is lost, late or doubled harms nothing.

A destination that has been called and has not yet heard is not called again: at a thousand leads a second, one message
does for all that came meanwhile.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from functools import cache, partial

from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError
from redis import Redis
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

PAUSE = 10.0
"""Seconds to leave a broker alone that did not answer, so that intake stays quick while it is away."""
UNHEARD = 5
"""Seconds after which a call that nobody has heard is made again."""

_silent_until = 0.0


def send(destination_ids: Iterable[int]) -> None:
    """Ask the workers to drain these destinations, where nobody has asked yet."""
    for destination_id in sorted(destination_ids):
        _try(partial(_call_once, destination_id))


def insist(destination_ids: Iterable[int]) -> None:
    """Ask whether or not somebody has: what they were told may have been lost."""
    for destination_id in destination_ids:
        publish("leads.drain", destination_id=destination_id)


def heard(destination_id: int) -> None:
    """Say that a drain begins: leads that come from now on need a call of their own."""
    _try(lambda: _broker().delete(_called(destination_id)))


def publish(task: str, **arguments: int) -> None:
    """Send one task by name, at once or not at all."""
    _try(partial(_send, task, arguments))


def _call_once(destination_id: int) -> None:
    if _broker().set(_called(destination_id), 1, nx=True, ex=UNHEARD):
        _send("leads.drain", {"destination_id": destination_id})


def _send(task: str, arguments: dict[str, int]) -> None:
    current_app.send_task(task, kwargs=arguments, retry=False, ignore_result=True)


@cache
def _broker() -> Redis:
    return Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)


def _called(destination_id: int) -> str:
    return f"called:{destination_id}"


def _try(act: Callable[[], object]) -> None:
    global _silent_until  # noqa: PLW0603 - one breaker per process is the point
    if time.monotonic() < _silent_until:
        return
    try:
        act()
    except (OperationalError, RedisError, OSError) as error:
        _silent_until = time.monotonic() + PAUSE
        logger.warning("The broker is away (%s); the sweep wakes whatever is due.", type(error).__name__)
