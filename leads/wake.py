"""Wake-up calls to the workers. The row is the truth: a call that is lost, late or doubled harms nothing.

A destination that has been called and has not yet heard is not called again: at a thousand leads a second, one message
does for all that came meanwhile.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from functools import cache, partial
from typing import TypeVar

from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError
from redis import Redis
from redis.commands.core import Script
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

PAUSE = 10.0
"""Seconds to leave a broker alone that did not answer, so that intake stays quick while it is away."""
UNHEARD = 5
"""Seconds after which a call that nobody has heard is made again."""

LISTENING = 3
"""Seconds a line is taken to be listened to after its drain last said so."""

CALL = """
if redis.call('EXISTS', KEYS[1]) == 1 then
    if redis.call('LLEN', KEYS[2]) == 0 then redis.call('LPUSH', KEYS[2], 1) end
    redis.call('EXPIRE', KEYS[2], ARGV[1])
    return 0
end
return redis.call('SET', KEYS[3], 1, 'NX', 'EX', ARGV[1]) and 1 or 0
"""
"""Ring at the drain that listens, else say whether a message is needed: nobody has called who was not yet heard."""

_silent_until = 0.0

T = TypeVar("T")


def send(destination_ids: Iterable[int]) -> None:
    """Ask the workers to drain these destinations, where nobody has asked yet."""
    for destination_id in sorted(destination_ids):
        attempt(partial(_call_once, destination_id))


def insist(destination_ids: Iterable[int]) -> None:
    """Ask whether or not somebody has: what they were told may have been lost."""
    for destination_id in destination_ids:
        publish("leads.drain", destination_id=destination_id)


def heard(destination_id: int) -> None:
    """Say that a drain begins: leads that come from now on need a call of their own."""
    attempt(lambda: _broker().delete(_called(destination_id)))


def publish(task: str, **arguments: int) -> None:
    """Send one task by name, at once or not at all."""
    attempt(partial(_send, task, arguments))


def listen(destination_id: int) -> bool:
    """Let calls ring at this destination's drain from now on, in place of messages."""
    return bool(_broker().set(_listening(destination_id), 1, ex=LISTENING))


def rings(destination_id: int, seconds: float) -> bool:
    """Wait for a call at the drain that listens; whether one came."""
    return bool(_broker().blpop([_ring(destination_id)], seconds))


def hang_up(destination_id: int) -> None:
    """Let calls be messages again."""
    _broker().delete(_listening(destination_id), _ring(destination_id))


def attempt(act: Callable[[], T]) -> T | None:
    """Act, and leave the broker alone for a while where it does not answer; None then."""
    global _silent_until  # noqa: PLW0603 - one breaker per process is the point
    if time.monotonic() < _silent_until:
        return None
    try:
        return act()
    except (OperationalError, RedisError, OSError) as error:
        _silent_until = time.monotonic() + PAUSE
        logger.warning("The broker is away (%s); the sweep wakes whatever is due.", type(error).__name__)
        return None


def _call_once(destination_id: int) -> None:
    keys = [name(destination_id) for name in (_listening, _ring, _called)]
    if _call()(keys=keys, args=[UNHEARD]):
        _send("leads.drain", {"destination_id": destination_id})


def _send(task: str, arguments: dict[str, int]) -> None:
    current_app.send_task(task, kwargs=arguments, retry=False, ignore_result=True)


@cache
def _broker() -> Redis:
    return Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)


@cache
def _call() -> Script:
    return _broker().register_script(CALL)


def _listening(destination_id: int) -> str:
    return f"listening:{destination_id}"


def _ring(destination_id: int) -> str:
    return f"ring:{destination_id}"


def _called(destination_id: int) -> str:
    return f"called:{destination_id}"
