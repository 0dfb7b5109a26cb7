"""When to try again."""

from __future__ import annotations

import random
from datetime import timedelta

SCHEDULE = [
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=8),
] + [timedelta(days=1)] * 2
"""Waits after the first, second, … spent try; past the last the delivery is given up and can be replayed."""

FIRST_REST = timedelta(seconds=20)
LONGEST_REST = timedelta(hours=1)
FIRST_PROBE = timedelta(minutes=5)
LONGEST_WISH = timedelta(days=1)
"""The most a target's Retry-After can ask for."""


def delay(attempts: int) -> timedelta | None:
    """Return the wait after this many spent tries, or None to give up."""
    if attempts > len(SCHEDULE):
        return None
    return _jitter(SCHEDULE[attempts - 1])


def rest(rests: int, retry_after: float | None) -> timedelta:
    """Return how long a destination that was away ``rests`` times in a row is left alone."""
    backoff = _jitter(_doubled(FIRST_REST, rests))
    if retry_after is None:
        return backoff
    wish = min(timedelta(seconds=retry_after), LONGEST_WISH)
    return max(wish + _jitter(wish / 10), backoff)


def probe(rests: int) -> timedelta:
    """Return how long a held destination waits until a lead finds out whether its target has mended."""
    return _doubled(FIRST_PROBE, rests)


def _doubled(first: timedelta, times: int) -> timedelta:
    return min(first * (1 << min(times - 1, 16)), LONGEST_REST)


def _jitter(longest: timedelta) -> timedelta:
    """Draw from the whole span, so that waiting leads do not come back in step, but never at once."""
    return max(longest * random.random(), min(longest, timedelta(seconds=1)))  # noqa: S311 - spreads load, guards nothing
