"""Secrets at rest: settings of destinations are one encrypted JSON value, readable with any key of ``FIELD_KEYS``."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class Unreadable(Exception):
    """None of the keys in ``FIELD_KEYS`` opens this value."""


def seal(value: dict[str, Any]) -> bytes:
    """Encrypt with the first key."""
    return _fernet(tuple(settings.FIELD_KEYS)).encrypt(json.dumps(value).encode())


def open_sealed(token: bytes | memoryview) -> dict[str, Any]:
    """Decrypt with whichever key fits; Unreadable where none does."""
    try:
        opened: dict[str, Any] = json.loads(_fernet(tuple(settings.FIELD_KEYS)).decrypt(bytes(token)))
    except InvalidToken:
        raise Unreadable("No key in FIELD_KEYS opens these settings.") from None
    return opened


@lru_cache(maxsize=4)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])
