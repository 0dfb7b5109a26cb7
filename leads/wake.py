"""Wake-up calls to the workers. The row is the truth: a call that is lost, late or doubled harms nothing."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable

from celery import current_app
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

PAUSE = 10.0
"""Seconds to leave a broker alone that did not answer, so that intake stays quick while it is away."""

_silent_until = 0.0


def send(destination_ids: Iterable[int]) -> None:
    """Ask the workers to drain these destinations; with the broker away, leave it to the sweep."""
    for destination_id in sorted(destination_ids):
        publish("leads.drain", destination_id=destination_id)


def publish(task: str, **arguments: int) -> None:
    """Send one task by name, at once or not at all."""
    global _silent_until  # noqa: PLW0603 - one breaker per process is the point
    if time.monotonic() < _silent_until:
        return
    try:
        current_app.send_task(task, kwargs=arguments, retry=False, ignore_result=True)
    except (OperationalError, OSError) as error:
        _silent_until = time.monotonic() + PAUSE
        logger.warning("The broker is away (%s); the sweep will wake %s.", type(error).__name__, task)
