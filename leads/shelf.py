"""Connectors kept warm between drains, so that the next lead finds its connection open."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Lock
from typing import Any

from connectors import registry
from connectors.base import Connector
from leads.models import Destination

KEPT = 4.0
"""Seconds; common servers close an idle connection after five, and one closed while we send costs a try."""
MOST = 64

_Key = tuple[int, bytes, str]
_Kept = tuple[float, ExitStack, Connector[Any]]
_shelf: dict[_Key, _Kept] = {}
_lock = Lock()


@contextmanager
def connector(destination: Destination) -> Iterator[Connector[Any]]:
    """Lend the connector of a destination, the one of its last drain if that was a moment ago.

    KeyError where its kind is no more, vault.Unreadable where no key opens its settings.
    """
    key = (destination.pk, bytes(destination.sealed_config), repr(destination.mapping))
    stack, lent = _take(key) or _open(destination)
    try:
        yield lent
    except BaseException:
        stack.close()
        raise
    _put_back(key, stack, lent)


def _open(destination: Destination) -> tuple[ExitStack, Connector[Any]]:
    stack = ExitStack()
    opened = registry.connect(destination.connector, destination.config, destination.mapping)
    return stack, stack.enter_context(opened)


def _take(key: _Key) -> tuple[ExitStack, Connector[Any]] | None:
    with _lock:
        kept = _shelf.pop(key, None)
    if kept is None:
        return None
    until, stack, lent = kept
    if time.monotonic() < until:
        return stack, lent
    stack.close()
    return None


def _put_back(key: _Key, stack: ExitStack, lent: Connector[Any]) -> None:
    now = time.monotonic()
    with _lock:
        stale = [old for old, (until, _, _) in _shelf.items() if until < now]
        removed = [_shelf.pop(old) for old in stale]
        if key not in _shelf and len(_shelf) < MOST:
            _shelf[key] = (now + KEPT, stack, lent)
            stack = ExitStack()
    for _, old, _ in removed:
        old.close()
    stack.close()
