"""The steps of a replay: at each destination one delivery, then more for each that lands, and none after a failure.

Putting back is one statement on the deliveries' own states, so what is pressed twice, or comes due meanwhile, is sent
once. All of it is called with the replay's row locked.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import Case, F, When
from django.utils import timezone

from leads import health, wake
from leads.models import Delivery, Destination, Replay
from leads.progress import PARKED, REPLAYABLE, Share, shares

BATCH = 500
"""The most deliveries of a replay in line at one destination, so that new leads do not wait behind a backlog."""
GROWTH = 4
"""How many may be in line for each that has landed, until :data:`BATCH`."""


def step(replay: Replay) -> None:
    """Put in line what may be, stop where a failure came again, and end the replay when nothing is left to do."""
    for share in shares(replay):
        if share.parked:
            _go_on(replay, share)
    after = shares(replay)
    if all(_over(share) for share in after):
        finish(replay)
        return
    trying = any(share.parked and not share.landed for share in after)
    replay.state = Replay.State.CANARY if trying else Replay.State.RUNNING
    replay.save()


def finish(replay: Replay) -> None:
    """Write down what became of it."""
    after = shares(replay)
    replay.state = Replay.State.STOPPED if replay.sentence else Replay.State.DONE
    replay.landed = sum(share.landed for share in after)
    replay.failed = sum(share.failed for share in after)
    replay.finished_at = timezone.now()
    replay.save()


def _go_on(replay: Replay, share: Share) -> None:
    reason = _reason_to_stop(share)
    room = _room(share) - share.on_its_way
    if reason:
        _halt(replay, share, reason)
    elif room > 0:
        _put_back(replay, share, room)


def _over(share: Share) -> bool:
    """Tell whether nothing is left to do at a destination; after a failure, what is in line goes on by itself."""
    return not share.parked and (not share.on_its_way or bool(_reason_to_stop(share)))


def _reason_to_stop(share: Share) -> str:
    place = share.destination
    if place.state == Destination.State.PAUSED:
        return f"{place.name} is paused: resume it, then send again."
    if share.last_failure:
        return f"{place.name} failed again: {Delivery.objects.get(pk=share.last_failure).sentence}"
    # The canary may wait behind the lead that has just found out. A probe sets ``rests`` to nought.
    if share.tried and not share.landed and place.state != Destination.State.ACTIVE and place.rests:
        return f"{place.name} failed again: {place.problem}"
    return ""


def _halt(replay: Replay, share: Share, reason: str) -> None:
    left = replay.deliveries.filter(PARKED, destination=share.destination).update(replay=None)
    who = "The other" if share.tried else "It" if left == 1 else "All"
    stay = "stays as it was" if left == 1 else f"{left:,} stay as they were"
    replay.kept += left
    replay.sentence = f"{replay.sentence} {reason} {who} {stay}.".strip()[:500]


def _room(share: Share) -> int:
    """Return how many may be in line: one until one has landed, none while the destination is not well again."""
    if not share.landed:
        return 1
    return min(BATCH, GROWTH * share.landed) if share.destination.state == Destination.State.ACTIVE else 0


def _put_back(replay: Replay, share: Share, room: int) -> None:
    # What failed longest ago goes first: a lead that can never pass would else be the canary every time.
    parked = replay.deliveries.filter(PARKED, destination=share.destination).order_by("finished_at", "pk")
    # Taken first and then named: a sub-select with a limit may be run once for each row, and so take them all.
    locked = list(parked.select_for_update(no_key=True).values_list("pk", flat=True)[:room])
    # Due since it came in, and so behind the leads that come in now.
    Delivery.objects.filter(REPLAYABLE, pk__in=locked).update(
        state=Delivery.State.WAITING,
        attempts=Case(When(state=Delivery.State.WAITING, then=F("attempts")), default=0),
        due_at=F("created_at"),
        finished_at=None,
        cause="",
        sentence="",
        put_back_at=timezone.now(),
        landing="",
        remote_id="",
        remote_url="",
    )
    if not share.landed:
        health.probe(share.destination)
    transaction.on_commit(lambda: wake.send([share.destination.pk]))
