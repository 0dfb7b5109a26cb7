"""A destination's health. A fault that concerns every lead changes one row here, and its leads wait unspent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from connectors.base import Receipt
from connectors.errors import DeliveryError, Misconfigured, Unavailable
from leads import retry, wake
from leads.models import Destination
from leads.turns import Turn

WELL = {"problem": "", "problem_fix": "", "problem_cause": "", "problem_who": "", "problem_since": None}


def is_felt(turn: Turn, results: Sequence[Receipt | DeliveryError]) -> bool:
    """Tell whether the destination has anything to learn: it was not well, or is not now."""
    well = turn.destination.state == Destination.State.ACTIVE and not turn.destination.rests
    return not well or any(isinstance(result, Misconfigured | Unavailable) for result in results)


def feel(turn: Turn, results: Sequence[Receipt | DeliveryError], now: datetime) -> None:
    """Hold, rest or revive a destination after a batch; the gravest result decides.

    What was sent in a turn that is over, because its worker was late or somebody has saved other settings, is not felt.
    """
    mine = Destination.objects.filter(pk=turn.destination.pk, drain_token=turn.token)
    wrong = next((result for result in results if isinstance(result, Misconfigured)), None)
    away = next((result for result in results if isinstance(result, Unavailable)), None)
    if wrong is not None:
        hold(mine, wrong, now)
    elif away is not None:
        rest(mine, away, now)
    elif results:
        revive(mine)


def hold(destinations: QuerySet[Destination], error: DeliveryError, now: datetime) -> None:
    """Stop sending until somebody mends the settings; a lead now and then finds out whether the target has mended."""
    _stop(destinations, Destination.State.HELD, error, retry.probe, now)


def rest(destinations: QuerySet[Destination], error: Unavailable, now: datetime) -> None:
    """Leave the target alone for a while; each rest in a row is longer."""
    _stop(destinations, Destination.State.RESTING, error, partial(retry.rest, retry_after=error.retry_after), now)


def revive(destinations: QuerySet[Destination]) -> None:
    """Return to normal after the target took a lead."""
    destinations.exclude(state=Destination.State.PAUSED).exclude(state=Destination.State.ACTIVE, rests=0).update(
        state=Destination.State.ACTIVE, rests=0, resume_at=None, **WELL
    )


def pause(destination: Destination) -> None:
    """Stop sending because the publisher wishes so; leads wait."""
    Destination.objects.filter(pk=destination.pk).update(state=Destination.State.PAUSED, resume_at=None)
    destination.refresh_from_db()


def probe(destination: Destination) -> None:
    """Let one lead through now; the rest follow when it lands. For a repair, the end of a pause, or "try now"."""
    stopped = Destination.objects.filter(pk=destination.pk).exclude(state=Destination.State.ACTIVE)
    stopped.update(state=Destination.State.RESTING, resume_at=timezone.now(), rests=0)
    destination.refresh_from_db()
    transaction.on_commit(lambda: wake.send([destination.pk]))


def _stop(
    destinations: QuerySet[Destination],
    state: Destination.State,
    error: DeliveryError,
    wait: Callable[[int], timedelta],
    now: datetime,
) -> None:
    # What the publisher has paused meanwhile stays paused.
    found = destinations.exclude(state=Destination.State.PAUSED)
    for destination in found.select_for_update():
        destination.rests += 1
        destination.state = state
        destination.resume_at = now + wait(destination.rests)
        destination.problem_since = destination.problem_since or now
        destination.problem = error.sentence[:500]
        destination.problem_fix = error.fix[:500]
        destination.problem_cause = error.cause[:60]
        destination.problem_who = error.who
        destination.save(update_fields=["rests", "state", "resume_at", *WELL])
