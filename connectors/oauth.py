"""Access tokens: cached in the process, renewed ahead of expiry, one request at a time for each client."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock
from time import monotonic

from requests.models import Response

from connectors.errors import Unavailable
from connectors.grants import Grant, Token, ask
from connectors.http import GuardedSession
from connectors.urls import host_of

MOST_KEPT = 1_000
"""Clients whose tokens one process remembers."""


class _Slot:
    """The token of one client, and the request for it that is under way."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.token: Token | None = None
        self.asking: Future[Token] | None = None


_slots: dict[str, _Slot] = {}
_slots_lock = Lock()


def fetch(session: GuardedSession, grant: Grant) -> Token:
    """Return a good token, asking for one where none is cached; threads that come meanwhile share the answer.

    Raise Misconfigured where the client is refused, Unavailable where the service is away.
    """
    slot = _slot(grant)
    with slot.lock:
        if slot.token and monotonic() < slot.token.renew_at:
            return slot.token
        mine = slot.asking is None
        asking = slot.asking = slot.asking or Future()
    if mine:
        _ask(slot, asking, session, grant)
    return _shared(asking, session, grant)


def forget(grant: Grant, token: Token) -> None:
    """Drop a token that was refused, unless another thread has renewed it already."""
    slot = _slot(grant)
    with slot.lock:
        if slot.token is token:
            slot.token = None


def renew(session: GuardedSession, grant: Grant) -> Token:
    """Ask for a token whatever is cached: only that proves that the client is let in now."""
    slot = _slot(grant)
    with slot.lock:
        slot.token = None
    return fetch(session, grant)


def forget_all() -> None:
    """Drop every token of the process."""
    with _slots_lock:
        _slots.clear()


def authorised(session: GuardedSession, grant: Grant, send: Callable[[Token], Response]) -> Response:
    """Send with a token; where it is refused with 401, renew it and send once more."""
    token = fetch(session, grant)
    response = send(token)
    if response.status_code != 401:  # noqa: PLR2004
        return response
    forget(grant, token)
    return send(fetch(session, grant))


def _slot(grant: Grant) -> _Slot:
    with _slots_lock:
        if len(_slots) > MOST_KEPT:
            _slots.clear()
        return _slots.setdefault(grant.fingerprint, _Slot())


def _ask(slot: _Slot, asking: Future[Token], session: GuardedSession, grant: Grant) -> None:
    try:
        token = ask(session, grant)
    except BaseException as error:  # noqa: BLE001 - whoever waits for this answer must hear of it
        _land(slot, None)
        asking.set_exception(error)
    else:
        _land(slot, token)
        asking.set_result(token)


def _land(slot: _Slot, token: Token | None) -> None:
    with slot.lock:
        slot.token, slot.asking = token, None


def _shared(asking: Future[Token], session: GuardedSession, grant: Grant) -> Token:
    try:
        return asking.result(timeout=session.seconds_left())
    except TimeoutError as error:
        raise Unavailable(f"{host_of(grant.url)} did not answer in the time allowed.", cause="sign-in-away") from error
