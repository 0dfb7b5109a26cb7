"""Sending again what stopped, or sooner what waits. One statement on the rows' own states: pressed twice, sent once."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from leads import health, wake
from leads.models import Delivery, Destination

REPLAYABLE = [*Delivery.STOPPED, Delivery.State.WAITING]


@dataclass(frozen=True, slots=True)
class Replay:
    """``count`` deliveries would be, or were, put in line; ``may_double`` of them might land a second time."""

    count: int
    may_double: int


def count(deliveries: QuerySet[Delivery]) -> Replay:
    """Say what a replay would do, and do nothing."""
    found = deliveries.filter(state__in=REPLAYABLE)
    return Replay(count=found.count(), may_double=found.filter(state=Delivery.State.UNCERTAIN).count())


@transaction.atomic
def replay(deliveries: QuerySet[Delivery]) -> Replay:
    """Put these back in line as if new and wake their destinations; one that rests or is held tries one lead first."""
    chosen = Delivery.objects.filter(pk__in=deliveries.values("pk"), state__in=REPLAYABLE).select_for_update()
    rows = list(chosen.values_list("pk", "state", "destination_id"))
    Delivery.objects.filter(pk__in=[row[0] for row in rows]).update(
        state=Delivery.State.WAITING, attempts=0, due_at=timezone.now(), finished_at=None
    )
    woken = {row[2] for row in rows}
    for destination in Destination.objects.filter(pk__in=woken).exclude(state=Destination.State.PAUSED):
        health.probe(destination)
    transaction.on_commit(lambda: wake.send(woken))
    return Replay(count=len(rows), may_double=sum(row[1] == Delivery.State.UNCERTAIN for row in rows))
