"""Tokens that all workers share: encrypted in Redis until they end, and one sign-in at a time for each client."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from time import monotonic, time
from typing import Any
from uuid import uuid4

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from redis import Redis

from connectors.grants import Grant, Token
from connectors.store import ask

_DELETE_IF = """
if redis.call('HGET', KEYS[1], 'mark') == ARGV[1] then redis.call('DEL', KEYS[1]) end
"""
_UNLOCK = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
"""


def read(grant: Grant) -> Token | None:
    """Return the token that some worker was given, None where there is none that is good."""
    sealed = ask(lambda redis: redis.hget(_name(grant), "sealed"), lambda: None)
    if not isinstance(sealed, bytes):
        return None
    try:
        kept: dict[str, Any] = json.loads(_fernet(settings.FIELD_KEYS[0]).decrypt(sealed))
    except InvalidToken:
        return None
    left = kept["until"] - time()
    return Token(kept["value"], monotonic() + left, kept["said"]) if left > 0 else None


def keep(grant: Grant, token: Token) -> None:
    """Hand a token to all workers, until it is to be renewed."""
    left = token.renew_at - monotonic()
    if int(left * 1_000) < 1:
        return
    kept = {"value": token.value, "until": time() + left, "said": token.said}
    sealed = _fernet(settings.FIELD_KEYS[0]).encrypt(json.dumps(kept).encode())

    def together(redis: Redis) -> None:
        with redis.pipeline() as pipeline:
            pipeline.hset(_name(grant), mapping={"sealed": sealed, "mark": _mark(token)})
            pipeline.pexpire(_name(grant), int(left * 1_000))
            pipeline.execute()

    ask(together, lambda: None)


def drop(grant: Grant, token: Token) -> None:
    """Take a token back that was refused, unless a newer one has taken its place."""
    ask(lambda redis: redis.eval(_DELETE_IF, 1, _name(grant), _mark(token)), lambda: None)


@contextmanager
def turn(grant: Grant, seconds: float) -> Iterator[bool]:
    """Take the turn to sign in, for so many seconds at most; False where another worker has it."""
    lock, mine = f"{_name(grant)}:lock", uuid4().hex
    taken = ask(lambda redis: bool(redis.set(lock, mine, nx=True, px=int(seconds * 1_000) + 1)), lambda: True)
    try:
        yield taken
    finally:
        if taken:
            ask(lambda redis: redis.eval(_UNLOCK, 1, lock, mine), lambda: None)


def _name(grant: Grant) -> str:
    """Name a client so that its secret cannot be guessed from the name."""
    return f"token:{_keyed(grant.fingerprint)}"


def _mark(token: Token) -> str:
    return _keyed(token.value)


def _keyed(text: str) -> str:
    return hmac.digest(settings.FIELD_KEYS[0].encode(), text.encode(), hashlib.sha256).hex()


@lru_cache(maxsize=2)
def _fernet(key: str) -> Fernet:
    return Fernet(key)
