"""A destination's health. A fault that concerns every lead changes one row here, and its leads wait unspent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from connectors.base import Receipt
from connectors.errors import DeliveryError, Misconfigured, Unavailable
from leads import retry, wake
from leads.models import Destination

WELL = {"problem": "", "problem_fix": "", "problem_cause": "", "problem_since": None}


def feel(destination_id: int, results: Sequence[Receipt | DeliveryError], now: datetime) -> None:
    """Hold, rest or revive a destination after a batch; the gravest result decides."""
    wrong = next((result for result in results if isinstance(result, Misconfigured)), None)
    away = next((result for result in results if isinstance(result, Unavailable)), None)
    if wrong is not None:
        hold(destination_id, wrong, now)
    elif away is not None:
        rest(destination_id, away, now)
    elif results:
        revive(destination_id)


def hold(destination_id: int, error: DeliveryError, now: datetime) -> None:
    """Stop sending until somebody mends the settings."""
    _ready(destination_id).update(
        state=Destination.State.HELD, resume_at=None, rests=0, **_problem(error), problem_since=now
    )


def rest(destination_id: int, error: Unavailable, now: datetime) -> None:
    """Leave the target alone for a while; each rest in a row is longer."""
    destination = _ready(destination_id).select_for_update().first()
    if destination is None:
        return
    destination.rests += 1
    destination.state = Destination.State.RESTING
    destination.resume_at = now + retry.rest(destination.rests, error.retry_after)
    destination.problem_since = destination.problem_since or now
    for name, value in _problem(error).items():
        setattr(destination, name, value)
    destination.save(update_fields=["rests", "state", "resume_at", "problem_since", *_problem(error)])


def revive(destination_id: int) -> None:
    """Return to normal after the target took a lead."""
    _ready(destination_id).exclude(state=Destination.State.ACTIVE, rests=0).update(
        state=Destination.State.ACTIVE, rests=0, resume_at=None, **WELL
    )


def pause(destination: Destination) -> None:
    """Stop sending because the publisher wishes so; leads wait."""
    Destination.objects.filter(pk=destination.pk).update(state=Destination.State.PAUSED, resume_at=None)
    destination.refresh_from_db()


def probe(destination: Destination) -> None:
    """Let one lead through now; the rest follow when it lands. For a repair, the end of a pause, or "try now"."""
    stopped = Destination.objects.filter(pk=destination.pk).exclude(state=Destination.State.ACTIVE)
    stopped.update(state=Destination.State.RESTING, resume_at=timezone.now())
    destination.refresh_from_db()
    transaction.on_commit(lambda: wake.send([destination.pk]))


def _ready(destination_id: int) -> QuerySet[Destination]:
    """Leave alone what the publisher paused or a hold stopped meanwhile."""
    return Destination.objects.filter(
        pk=destination_id, state__in=[Destination.State.ACTIVE, Destination.State.RESTING]
    )


def _problem(error: DeliveryError) -> dict[str, str]:
    return {
        "problem": error.sentence[:500],
        "problem_fix": error.fix[:500],
        "problem_cause": error.cause[:60],
    }
