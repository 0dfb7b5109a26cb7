"""The path out: claim, send, record, until nothing is due. The only caller of connectors' ``deliver``.

The network is never inside a transaction. A turn at the destination keeps drains apart; claims and turns end by
themselves, so a dead worker costs seconds, and its late results are fenced off by the claim's number.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

from django.utils import timezone

from connectors.base import Connector
from connectors.errors import Misconfigured
from leads import claims, health, listening, record, replay, shelf, turns, wake
from leads.models import Delivery, Destination
from leads.sending import START_WITHIN, Sender
from leads.turns import Turn
from leads.vault import Unreadable

BUDGET = 20.0
"""Seconds a drain goes on taking work before it lets others have the worker."""
FIRST_LEASE = timedelta(seconds=30)
"""How long a turn lasts that is not prolonged."""
LINGERING = timedelta(seconds=3)
"""How long a turn lasts while its drain waits for the next lead."""
SLACK = 5.0
"""Seconds a claim outlives the last answer it may wait for."""
ROUND = 16
"""Claims per request in flight: enough to record seldom, few enough for a crash to repeat little.

Where repeating would double, only what is in flight is claimed: after a crash a person must look at each.
"""
UNREADABLE = Misconfigured(
    "The settings of this destination cannot be read.",
    cause="settings",
    fix="Enter them again. If this happens to several destinations, FIELD_KEYS lacks a key that was in use.",
)


LONGEST = 60.0
"""Seconds a drain goes on in all while leads trickle in."""


def drain(destination_id: int, *, linger: bool = False) -> int:
    """Deliver what is due at one destination; return how many deliveries were tried and written down.

    With ``linger`` stay for what comes in the next moment.
    """
    wake.heard(destination_id)
    turn = turns.take(destination_id, timezone.now(), FIRST_LEASE)
    if turn is None:
        return 0
    try:
        tried = _work(turn, linger=linger)
    finally:
        turns.leave(turn)
    replay.follow(destination_id)
    # A lead accepted while this drain was ending found the turn taken, and its wake-up came to nothing.
    if _more(destination_id):
        wake.send([destination_id])
    return tried


def _work(turn: Turn, *, linger: bool) -> int:
    with ExitStack() as stack:
        try:
            connector = stack.enter_context(shelf.connector(turn.destination))
        except (Unreadable, KeyError):
            health.feel(turn, [UNREADABLE], timezone.now())
            return 0
        sender = stack.enter_context(Sender(connector))
        tried = _rounds(turn, sender, turn.destination.state)
        return tried + (_linger(turn, sender) if tried and linger else 0)


def _rounds(turn: Turn, sender: Sender, state: str | None) -> int:
    until = time.monotonic() + BUDGET
    tried = limit = 0
    while state and time.monotonic() < until:
        limit = _limit(state, limit, sender.connector)
        claimed = claims.claim(turn.destination.pk, limit=limit, now=timezone.now(), lasts=_lease(sender))
        outcomes = sender.send(claimed)
        claims.give_back(claimed, outcomes)
        tried += record.record(turn, outcomes, timezone.now())
        if len(claimed) < limit:
            break
        state = turns.keep(turn, timezone.now(), _lease(sender))
    return tried


def _linger(turn: Turn, sender: Sender) -> int:
    until = time.monotonic() + LONGEST
    tried, destination_id = 0, turn.destination.pk
    with listening.line(destination_id) as line:
        # What came before the line was open rang nowhere, so the first look is for that.
        rung = line is not None
        while line and rung and time.monotonic() < until:
            tried += _rounds(turn, sender, turns.keep(turn, timezone.now(), _lease(sender)))
            replay.follow(destination_id)
            # Should this worker die while it waits, the turn must not outlive it for long.
            rung = bool(turns.keep(turn, timezone.now(), LINGERING)) and line.rings()
    return tried


def _lease(sender: Sender) -> timedelta:
    return timedelta(seconds=START_WITHIN + sender.connector.deadline + SLACK)


def _limit(state: str, last: int, connector: Connector[Any]) -> int:
    """Claim one lead of a destination that is not well; after it has landed, four times more each round."""
    most = connector.concurrency * connector.batch_size * (ROUND if connector.idempotent else 1)
    if state != Destination.State.ACTIVE:
        return 1
    return min(last * 4, most) if last else most


def _more(destination_id: int) -> bool:
    now = timezone.now()
    ready = Destination.objects.ready(now).filter(pk=destination_id)
    return Delivery.objects.due(destination_id, now).filter(destination__in=ready).exists()
