"""Sending again what stopped, or sooner what waits: one delivery of each destination first, then the rest.

Whatever is chosen stays as it is until it is put back in line, a bounded number at a time, by :func:`advance`, which
may be called at any time and by anybody: each step is one transaction on the replay's row, and what it does next is
read from the deliveries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet

from leads import choosing, replay_steps, wake
from leads.models import Delivery, Destination, Replay
from leads.progress import DOUBTFUL, PARKED, to_be_marked


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What a replay would send to one destination."""

    destination: Destination
    count: int
    may_double: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What a replay would do."""

    parts: list[Part]

    @property
    def count(self) -> int:
        return sum(part.count for part in self.parts)

    @property
    def may_double(self) -> int:
        """How many might land a second time: they had been sent, and no answer came, or they are gone since."""
        return sum(part.may_double for part in self.parts)

    @property
    def canaries(self) -> int:
        """How many are sent first: one for each destination."""
        return len(self.parts)

    @property
    def rest(self) -> int:
        return self.count - self.canaries


def plan(deliveries: QuerySet[Delivery]) -> Plan:
    """Say what a replay would do, and do nothing."""
    doubtful = Count("pk", filter=DOUBTFUL)
    rows = choosing.free(deliveries).order_by().values("destination").annotate(count=Count("pk"), may_double=doubtful)
    counted = {row.pop("destination"): row for row in rows}
    places = Destination.objects.filter(pk__in=counted).order_by("name", "pk")
    return Plan([Part(destination=place, **counted[place.pk]) for place in places])


def start(deliveries: QuerySet[Delivery], *, filters: Mapping[str, Any], by: User | None) -> Replay | None:
    """Begin to send these again; None where nothing of it can be, or all of it is being replayed already.

    ``filters`` are the words that chose them, for the record. Few are under way at once, many as soon as a worker has
    marked them.
    """
    replay = choosing.choose(deliveries, filters=filters, by=by)
    if replay is None:
        return None
    if replay.total > choosing.PART:
        wake.publish("leads.replay", replay_id=replay.pk)
    else:
        _go_on(replay.pk)
        replay.refresh_from_db()
    return replay


def advance(replay_id: int) -> None:
    """Take the next steps of a replay, as many as can be taken now."""
    while _go_on(replay_id):
        pass


@transaction.atomic
def _go_on(replay_id: int) -> bool:
    """Take one step, if there is one to take; tell whether another can follow at once."""
    replay = Replay.objects.open().select_for_update().filter(pk=replay_id).first()
    if replay is None:
        return False
    if replay.state == Replay.State.CHOOSING and choosing.mark(replay):
        return True
    replay_steps.step(replay)
    return False


@transaction.atomic
def stop(replay: Replay, by: User | None) -> bool:
    """Leave what is not in line yet as it was; False where it had ended already."""
    found = Replay.objects.open().select_for_update().filter(pk=replay.pk).first()
    if found is None:
        return False
    who = (by.get_full_name() or by.get_username()) if by else "A machine"
    found.sentence = f"{found.sentence} {who} stopped it.".strip()[:500]
    # They are free to be chosen again as soon as this has ended.
    found.kept += found.deliveries.filter(PARKED).count() + to_be_marked(found)
    found.parts.all().delete()
    replay_steps.finish(found)
    return True


def follow(destination_id: int) -> None:
    """Have the replays that wait for this destination take their next step."""
    here = Delivery.objects.filter(replay=OuterRef("pk"), destination=destination_id)
    _wake(Replay.objects.open().exclude(state=Replay.State.CHOOSING).filter(Exists(here)))


def wake_unfinished() -> None:
    """Have every replay take its next step: messages may be lost, and workers die."""
    _wake(Replay.objects.open())


def _wake(replays: QuerySet[Replay]) -> None:
    for replay_id in replays.values_list("pk", flat=True):
        wake.publish("leads.replay", replay_id=replay_id)
