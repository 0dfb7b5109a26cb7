"""Pacing: so many calls in so many seconds, so many at once, whichever worker makes them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import inf
from threading import Lock
from time import monotonic, sleep, time
from uuid import uuid4

from redis import Redis

from connectors.errors import Unsent
from connectors.store import ask

POLL = 0.1
"""Seconds between two looks at whether a call of somebody else has ended."""
LEASE = 60.0
"""Seconds after which a call that was never ended, because its worker died, does not count any more."""

# Two sorted sets. "calls" has when each call ended, or while it lasts when its lease ends: a call then counts from its
# end, so that however late it reached the target, no window there holds more. "open" has the calls under way.
# Answers the seconds to wait: 0 to go ahead, -1 for as long as calls of others last.
_ENTER = """
local calls, open = KEYS[1], KEYS[2]
local most, seconds, at_once, lease, name = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], ARGV[5]
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1e6
redis.call('ZREMRANGEBYSCORE', calls, '-inf', now - seconds)
redis.call('ZREMRANGEBYSCORE', open, '-inf', now)
local made = redis.call('ZCARD', calls)
if made >= most then
    local next_out = redis.call('ZRANGE', calls, made - most, made - most, 'WITHSCORES')
    local wait = next_out[2] + seconds - now
    return tostring(wait <= seconds and wait or -1)
end
if redis.call('ZCARD', open) >= at_once then
    return '-1'
end
redis.call('ZADD', calls, now + lease, name)
redis.call('ZADD', open, now + lease, name)
redis.call('PEXPIRE', calls, math.ceil((lease + seconds) * 1000))
redis.call('PEXPIRE', open, math.ceil(lease * 1000))
return '0'
"""
_LEAVE = """
local clock = redis.call('TIME')
redis.call('ZADD', KEYS[1], 'XX', clock[1] + clock[2] / 1e6, ARGV[1])
return redis.call('ZREM', KEYS[2], ARGV[1])
"""


class _Alone:
    """The same rules for this process, while Redis is away."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.ends: dict[str, dict[str, float]] = {}
        """When each call of a bucket ended; infinite while it lasts."""

    def enter(self, bucket: Bucket, name: str) -> float:
        now = time()
        with self.lock:
            ends = {call: end for call, end in self.ends.get(bucket.key, {}).items() if end > now - bucket.seconds}
            self.ends[bucket.key] = ends
            if len(ends) >= bucket.calls:
                wait = sorted(ends.values())[len(ends) - bucket.calls] + bucket.seconds - now
                return wait if wait <= bucket.seconds else -1
            if sum(end == inf for end in ends.values()) >= bucket.at_once:
                return -1
            ends[name] = inf
            return 0

    def leave(self, bucket: Bucket, name: str) -> None:
        with self.lock:
            if name in self.ends.get(bucket.key, {}):
                self.ends[bucket.key][name] = time()


_alone = _Alone()


@dataclass(frozen=True, slots=True)
class Bucket:
    """At most ``calls`` in any ``seconds`` and ``at_once`` side by side, for all who name the same ``key``."""

    key: str
    calls: int
    seconds: float
    at_once: int
    lease: float = LEASE

    @contextmanager
    def enter(self, deadline: float) -> Iterator[None]:
        """Wait for room, ``deadline`` seconds at most, and hold it for the block.

        Raise Unsent with the time to come again where the room would come too late.
        """
        name, until = uuid4().hex, monotonic() + deadline
        while (wait := self._ask_for_room(name)) != 0:
            left = until - monotonic()
            if left <= max(wait, 0):
                raise _full(max(wait, POLL))
            sleep(min(wait if wait > 0 else POLL, left))
        try:
            yield
        finally:
            self._leave(name)

    def _ask_for_room(self, name: str) -> float:
        limits = (self.calls, self.seconds, self.at_once, self.lease, name)

        def together(redis: Redis) -> float:
            return float(str(redis.eval(_ENTER, 2, *self._keys, *map(str, limits)), "ascii"))

        return ask(together, lambda: _alone.enter(self, name))

    def _leave(self, name: str) -> None:
        _alone.leave(self, name)
        ask(lambda redis: redis.eval(_LEAVE, 2, *self._keys, name), lambda: None)

    @property
    def _keys(self) -> tuple[str, str]:
        return f"bucket:{{{self.key}}}:calls", f"bucket:{{{self.key}}}:open"


def _full(seconds: float) -> Unsent:
    return Unsent("The calls that this target allows us are used up for the moment.", cause="pace", retry_after=seconds)
