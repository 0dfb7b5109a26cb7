"""What the way in remembers of keys and offers, so that a lead need not ask for them again.

Nothing rests on it: the statement that stores a lead looks at both once more, and stores nothing where a key was
revoked or an offer removed meanwhile (:class:`Outdated`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from typing import Generic, TypeVar

from leads import keys
from leads.models import ApiKey, Offer

KEPT = 60.0
"""Seconds."""
MOST = 10_000
"""Keys, and offers, that one process remembers."""

T = TypeVar("T")


class Outdated(Exception):
    """A key or an offer is no longer what was remembered; nothing was stored."""


class _Memory(Generic[T]):
    """A bounded memory; each thing in it is forgotten after a while."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, T]] = {}

    def recall(self, names: Collection[str]) -> dict[str, T]:
        now = time.monotonic()
        found = {name: self._kept.get(name) for name in names}
        return {name: kept[1] for name, kept in found.items() if kept and kept[0] > now}

    def keep(self, things: Mapping[str, T]) -> None:
        if len(self._kept) > MOST:
            self.clear()
        until = time.monotonic() + KEPT
        self._kept |= {name: (until, thing) for name, thing in things.items()}

    def clear(self) -> None:
        self._kept = {}


_keys: _Memory[ApiKey] = _Memory()
_offers: _Memory[Offer] = _Memory()


def key(token: str) -> ApiKey | None:
    """Find a key by its text; None where there is none or it had been revoked when it was looked up."""
    digest = keys.digest(token)
    found = _keys.recall([digest])
    if not found and (key := keys.recognise(token)):
        found = {digest: key}
        _keys.keep(found)
    return found.get(digest)


def offers(full_ids: Collection[str]) -> dict[str, Offer]:
    """Find offers by their full ids, in lower case; who is not in the answer does not exist."""
    found = _offers.recall(full_ids)
    missing = [full_id for full_id in full_ids if full_id not in found]
    if missing:
        new = Offer.objects.by_full_id(missing)
        _offers.keep(new)
        found |= new
    return found


def surely(act: Callable[[], T]) -> T:
    """Act on what is remembered, and where that is outdated on what is so now."""
    try:
        return act()
    except Outdated:
        forget()
        return act()


def forget() -> None:
    """Forget everything."""
    _keys.clear()
    _offers.clear()
