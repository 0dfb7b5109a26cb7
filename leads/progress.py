"""How far a replay has come: at each destination, and in all."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Max, Q, Sum

from leads.models import Delivery, Destination, Replay

GONE = Q(state=Delivery.State.DELIVERED, landing=Delivery.Landing.MISSING)
REPLAYABLE = Q(state__in=[*Delivery.STOPPED, Delivery.State.WAITING]) | GONE
DOUBTFUL = Q(state=Delivery.State.UNCERTAIN) | GONE
"""What might land a second time: it had been sent, and nobody knows whether it is there, or why not any more."""
PARKED = REPLAYABLE & Q(put_back_at=None)
LANDED = Q(state=Delivery.State.DELIVERED) & ~PARKED
# That a worker of ours died says nothing about the target.
FAILED = Q(put_back_at__isnull=False) & ~Q(state=Delivery.State.DELIVERED) & ~Q(cause__in=["", "worker-lost"])
ON_ITS_WAY = Q(state__in=Delivery.OPEN) & ~PARKED & ~FAILED


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A replay's deliveries at one destination.

    ``parked`` are as they were, ``on_its_way`` are in line or being sent, ``failed`` met a failure once more, the last
    of them ``last_failure``; ``tried`` have been put back in line, whatever became of them.
    """

    destination: Destination
    parked: int
    on_its_way: int
    landed: int
    failed: int
    tried: int
    last_failure: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """``kept`` were left as they were; the five add up to ``total``."""

    total: int
    landed: int
    failed: int
    on_its_way: int
    parked: int
    kept: int


def can_be_sent_again(delivery: Delivery) -> bool:
    """Say of one delivery what :data:`REPLAYABLE` says of many."""
    return delivery.state in (*Delivery.STOPPED, Delivery.State.WAITING) or delivery.is_missing


def shares(replay: Replay) -> list[Share]:
    """Count a replay's deliveries by destination, in one query and one for the destinations."""
    rows = (
        Delivery.objects.filter(replay=replay)
        .order_by()
        .values("destination")
        .annotate(
            parked=Count("pk", filter=PARKED),
            on_its_way=Count("pk", filter=ON_ITS_WAY),
            landed=Count("pk", filter=LANDED),
            failed=Count("pk", filter=FAILED),
            tried=Count("pk", filter=Q(put_back_at__isnull=False)),
            last_failure=Max("pk", filter=FAILED),
        )
    )
    counted = {row.pop("destination"): row for row in rows}
    found = Destination.objects.filter(pk__in=counted).order_by("pk")
    return [Share(destination=destination, **counted[destination.pk]) for destination in found]


def to_be_marked(replay: Replay) -> int:
    """Count what was chosen and is not marked yet."""
    if replay.state != Replay.State.CHOOSING:
        return 0
    counted = replay.parts.aggregate(number=Sum("deliveries__len"))
    return counted["number"] or 0


def progress(replay: Replay) -> Progress:
    """Say how far a replay has come; one that has ended keeps its numbers whatever is replayed later."""
    if replay.state not in Replay.OPEN:
        left = replay.total - replay.landed - replay.failed - replay.kept
        return _progress(replay, replay.landed, replay.failed, left, 0)
    now = shares(replay)
    return _progress(
        replay,
        sum(share.landed for share in now),
        sum(share.failed for share in now),
        sum(share.on_its_way for share in now),
        sum(share.parked for share in now) + to_be_marked(replay),
    )


def _progress(replay: Replay, landed: int, failed: int, on_its_way: int, parked: int) -> Progress:
    return Progress(
        total=replay.total, landed=landed, failed=failed, on_its_way=on_its_way, parked=parked, kept=replay.kept
    )
