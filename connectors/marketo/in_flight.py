"""One lead in flight for each e-mail address: of two that arrive together Marketo may make two people.

https://experienceleague.adobe.com/en/docs/marketo-developer/marketo/rest/lead-database/leads says so. Whoever takes
addresses takes those that are free and waits with none in hand, so that no two wait for each other.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from uuid import uuid4

from django.conf import settings
from redis import Redis

from connectors.store import ask

# Answers for each key whether it was free.
_TAKE = """
local taken = {}
for place, key in ipairs(KEYS) do
    taken[place] = redis.call('SET', key, ARGV[1], 'NX', 'PX', ARGV[2]) and 1 or 0
end
return taken
"""
_LEAVE = """
for _, key in ipairs(KEYS) do
    if redis.call('GET', key) == ARGV[1] then redis.call('DEL', key) end
end
"""

_lock = Lock()
_ours: dict[str, tuple[str, float]] = {}
"""Who of this process has a key, and until when, while Redis is away."""


@dataclass(slots=True)
class Held:
    """Addresses that are ours. Those in ``doubtful`` may still be on the way, and are not given back before time."""

    emails: frozenset[str]
    doubtful: set[str] = field(default_factory=set)


@contextmanager
def hold(munchkin_id: str, emails: Sequence[str], lasts: float) -> Iterator[Held]:
    """Take those of the addresses that nobody has, ``lasts`` seconds at most, and give them back after the block."""
    mine, keys = uuid4().hex, [_key(munchkin_id, email) for email in emails]

    def together(redis: Redis) -> list[bool]:
        answered = redis.eval(_TAKE, len(keys), *keys, mine, str(int(lasts * 1_000) + 1))
        return [each == 1 for each in list(answered)]

    free = ask(together, lambda: _take_alone(keys, mine, lasts)) if keys else []
    taken = {email: key for email, key, is_free in zip(emails, keys, free, strict=True) if is_free}
    held = Held(frozenset(taken))
    try:
        yield held
    finally:
        _leave([key for email, key in taken.items() if email not in held.doubtful], mine)


def _take_alone(keys: Sequence[str], mine: str, lasts: float) -> list[bool]:
    now = monotonic()
    with _lock:
        free = [_ours.get(key, ("", 0.0))[1] <= now for key in keys]
        _ours.update({key: (mine, now + lasts) for key, is_free in zip(keys, free, strict=True) if is_free})
    return free


def _leave(keys: Sequence[str], mine: str) -> None:
    with _lock:
        for key in keys:
            if _ours.get(key, ("", 0.0))[0] == mine:
                del _ours[key]
    if keys:
        ask(lambda redis: redis.eval(_LEAVE, len(keys), *keys, mine), lambda: None)


def _key(munchkin_id: str, email: str) -> str:
    """Name an address so that it cannot be read from the name."""
    digest = hmac.digest(settings.FIELD_KEYS[0].encode(), email.encode(), hashlib.sha256)
    return f"flight:{{{munchkin_id}}}:{digest.hex()}"
