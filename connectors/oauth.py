"""Access tokens: cached, renewed ahead of expiry, one sign-in at a time for each client, whichever worker wants one.

Each process remembers what it uses; behind that stand the tokens that all workers share.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock
from time import monotonic, sleep

from requests.models import Response

from connectors import tokens
from connectors.errors import Unavailable
from connectors.grants import Grant, Token, ask
from connectors.http import GuardedSession
from connectors.urls import host_of

MOST_KEPT = 1_000
"""Clients whose tokens one process remembers."""
GLANCE = 0.05
"""Seconds between two looks at whether another worker has signed in."""


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
    """Drop a token that was refused, here and for all, unless somebody has renewed it already."""
    slot = _slot(grant)
    with slot.lock:
        if slot.token is token:
            slot.token = None
    tokens.drop(grant, token)


def renew(session: GuardedSession, grant: Grant) -> Token:
    """Ask for a token whatever is cached: only that proves that the client is let in now."""
    slot, token = _slot(grant), ask(session, grant)
    with slot.lock:
        slot.token = token
    tokens.keep(grant, token)
    return token


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
        token = _obtain(session, grant)
    except BaseException as error:  # noqa: BLE001 - whoever waits for this answer must hear of it
        _land(slot, None)
        asking.set_exception(error)
    else:
        _land(slot, token)
        asking.set_result(token)


def _obtain(session: GuardedSession, grant: Grant) -> Token:
    """Take the token that the workers share, or sign in for all of them; one of them at a time."""
    until = monotonic() + session.seconds_left()
    while (left := until - monotonic()) > 0:
        with tokens.turn(grant, left) as mine:
            if token := tokens.read(grant):
                return token
            if mine:
                token = ask(session, grant)
                tokens.keep(grant, token)
                return token
        sleep(GLANCE)
    raise _silent(grant)


def _land(slot: _Slot, token: Token | None) -> None:
    with slot.lock:
        slot.token, slot.asking = token, None


def _shared(asking: Future[Token], session: GuardedSession, grant: Grant) -> Token:
    try:
        return asking.result(timeout=session.seconds_left())
    except TimeoutError as error:
        raise _silent(grant) from error


def _silent(grant: Grant) -> Unavailable:
    return Unavailable(f"{host_of(grant.url)} did not answer in the time allowed.", cause="sign-in-away")
