"""Sending again what stopped, or sooner what waits: one delivery of each destination first, then the rest.

Whatever is chosen stays as it is until it is put back in line, a bounded number at a time, by :func:`advance`, which
may be called at any time and by anybody: it is one transaction on the replay's row, and what it does next is read from
the deliveries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from leads import replay_steps, wake
from leads.models import Delivery, Destination, Replay
from leads.progress import PARKED, REPLAYABLE


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
        """How many might land a second time: they had been sent, and no answer came."""
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
    doubtful = Count("pk", filter=Q(state=Delivery.State.UNCERTAIN))
    rows = _free(deliveries).order_by().values("destination").annotate(count=Count("pk"), may_double=doubtful)
    counted = {row.pop("destination"): row for row in rows}
    places = Destination.objects.filter(pk__in=counted).order_by("name", "pk")
    return Plan([Part(destination=place, **counted[place.pk]) for place in places])


@transaction.atomic
def start(deliveries: QuerySet[Delivery], *, filters: Mapping[str, Any], by: User | None) -> Replay | None:
    """Begin to send these again; None where nothing of it can be, or all of it is being replayed already.

    ``filters`` are the words that chose them, for the record.
    """
    # In order of their keys, so that two replays that meet wait for each other and do not deadlock.
    locked = _free(deliveries).select_for_update(no_key=True).order_by("pk")
    rows = list(locked.values_list("pk", "publisher", "state"))
    if not rows:
        return None
    publishers = {publisher for _, publisher, _ in rows}
    replay = Replay.objects.create(
        publisher_id=publishers.pop() if len(publishers) == 1 else None,
        started_by=by,
        filters=dict(filters),
        total=len(rows),
        may_double=sum(state == Delivery.State.UNCERTAIN for _, _, state in rows),
    )
    Delivery.objects.filter(pk__in=[pk for pk, _, _ in rows]).update(replay=replay, put_back_at=None)
    replay_steps.step(replay)
    return replay


@transaction.atomic
def advance(replay_id: int) -> None:
    """Take the next step of a replay, if there is one to take."""
    replay = Replay.objects.open().select_for_update().filter(pk=replay_id).first()
    if replay is not None:
        replay_steps.step(replay)


@transaction.atomic
def stop(replay: Replay, by: User | None) -> bool:
    """Leave what is not in line yet as it was; False where it had ended already."""
    found = Replay.objects.open().select_for_update().filter(pk=replay.pk).first()
    if found is None:
        return False
    who = (by.get_full_name() or by.get_username()) if by else "A machine"
    found.sentence = f"{found.sentence} {who} stopped it.".strip()[:500]
    found.kept += found.deliveries.filter(PARKED).update(replay=None)
    replay_steps.finish(found)
    return True


def follow(destination_id: int) -> None:
    """Have the replays that wait for this destination take their next step."""
    here = Delivery.objects.filter(replay=OuterRef("pk"), destination=destination_id)
    _wake(Replay.objects.open().filter(Exists(here)))


def wake_unfinished() -> None:
    """Have every replay take its next step: messages may be lost, and workers die."""
    _wake(Replay.objects.open())


def _wake(replays: QuerySet[Replay]) -> None:
    for replay_id in replays.values_list("pk", flat=True):
        wake.publish("leads.replay", replay_id=replay_id)


def _free(deliveries: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Keep what can be sent again and is in no replay that is under way."""
    # Said of replays that have ended: one that began after this statement did is not seen, and so not taken for ended.
    ended = Replay.objects.filter(pk=OuterRef("replay"), finished_at__isnull=False)
    return Delivery.objects.filter(
        Q(replay=None) | Exists(ended), pk__in=deliveries.order_by().values("pk"), state__in=REPLAYABLE
    )
