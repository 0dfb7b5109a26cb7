"""What all workers share about a target: how often it was called on a day, until when it wants to be left alone.

Everything here works while Redis is away too, for this process alone. :class:`Bucket` paces the calls.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from threading import Lock

from redis import Redis

from connectors.buckets import Bucket
from connectors.store import ask

__all__ = ["Bucket", "park", "parked", "tally"]

TALLIES_KEPT = 3 * 86_400
"""Seconds after its last change that the count of a day is kept."""
MOST_KEPT = 1_000
"""Counts, and times to wait, that one process remembers by itself."""

_Day = tuple[str, date]
_lock = Lock()
_counted: Counter[_Day] = Counter()
"""What Redis said last, and what was counted since while it was away."""
_unsaid: Counter[_Day] = Counter()
_parked: dict[str, datetime] = {}


def tally(key: str, day: date, by: int = 1) -> int:
    """Count ``by`` more of something on a day; return how many all workers have counted. 0 only asks."""
    entry = (key, day)
    with _lock:
        unsaid = _unsaid.pop(entry, 0)
    return ask(lambda redis: _count_together(redis, entry, by + unsaid), lambda: _count_alone(entry, by, unsaid))


def park(key: str, until: datetime) -> None:
    """Tell all workers that a target wants to be left alone until then; the last word counts."""
    with _lock:
        if len(_parked) > MOST_KEPT:
            _parked.clear()
        _parked[key] = until
    seconds = max(int((until - datetime.now(UTC)).total_seconds() * 1_000), 1)
    ask(lambda redis: redis.set(f"parked:{key}", until.isoformat(), px=seconds), lambda: None)


def parked(key: str) -> datetime | None:
    """Return until when a target wants to be left alone, None where it is open."""

    def together(redis: Redis) -> datetime | None:
        said = redis.get(f"parked:{key}")
        return datetime.fromisoformat(said.decode()) if isinstance(said, bytes) else None

    until = ask(together, lambda: _parked.get(key))
    return until if until and until > datetime.now(UTC) else None


def _count_together(redis: Redis, entry: _Day, more: int) -> int:
    name = f"tally:{entry[0]}:{entry[1].isoformat()}"
    with redis.pipeline() as pipeline:
        pipeline.incrby(name, more)
        pipeline.expire(name, TALLIES_KEPT)
        total = int(pipeline.execute()[0])
    with _lock:
        _remember(entry, total)
    return total


def _count_alone(entry: _Day, by: int, unsaid: int) -> int:
    with _lock:
        _unsaid[entry] += by + unsaid
        _remember(entry, _counted[entry] + by)
        return _counted[entry]


def _remember(entry: _Day, total: int) -> None:
    if len(_counted) > MOST_KEPT:
        _counted.clear()
    _counted[entry] = total
