"""Destinations that stand still: told once they have done so for a while, and again when they are well for good.

One trouble lasts until the destination has been well for a while, so that one which comes and goes is told of once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import cast

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from leads import backlog
from leads.models import Delivery, Destination, Lead, Notice, Trouble
from leads.notify import contacts
from leads.notify.outbox import alone, tell

State = Destination.State
HELD_FOR = timedelta(minutes=1)
RESTING_FOR = timedelta(hours=1)
STEADY = timedelta(minutes=10)
LONGEST_STEADY = timedelta(hours=6)
GRAVITY = [Trouble.Kind.RESTING, Trouble.Kind.HELD]


def look() -> None:
    """Compare how destinations are with what was told of them."""
    with alone("troubles") as mine:
        if mine:
            now = timezone.now()
            known = {trouble.destination_id: trouble for trouble in _open()}
            _tell_of_worse(known, now)
            for trouble in known.values():
                _watch(trouble, now)


def _open() -> QuerySet[Trouble]:
    return Trouble.objects.filter(ended_at=None, destination__isnull=False).select_related("destination", "publisher")


def _tell_of_worse(known: Mapping[int | None, Trouble], now: datetime) -> None:
    worse = [place for place in _unwell(now) if _is_worse(place, known.get(place.pk))]
    waiting = backlog.waiting(Delivery.objects.filter(destination__in=worse, lead__kind=Lead.Kind.LIVE))
    for place in worse:
        leads = waiting.get(place.pk, 0)
        # A rest that keeps nobody waiting is nobody's concern.
        if leads or place.state == State.HELD:
            _tell(_at(place, known.get(place.pk)), place, leads)


def _unwell(now: datetime) -> QuerySet[Destination]:
    held = Q(state=State.HELD, problem_since__lte=now - HELD_FOR)
    # After a repair or a pause it rests with no rests counted, until a lead has shown how it is.
    resting = Q(state=State.RESTING, problem_since__lte=now - RESTING_FOR, rests__gt=0)
    return Destination.objects.filter(held | resting).select_related("publisher")


def _is_worse(place: Destination, known: Trouble | None) -> bool:
    return known is None or GRAVITY.index(Trouble.Kind(place.state)) > GRAVITY.index(Trouble.Kind(known.kind))


def _at(place: Destination, known: Trouble | None) -> Trouble:
    trouble = known or Trouble(
        publisher=place.publisher, destination=place, began_at=cast(datetime, place.problem_since)
    )
    trouble.kind = place.state
    trouble.save()
    return trouble


def _tell(trouble: Trouble, place: Destination, leads: int) -> None:
    whom = contacts.of_problems(trouble.publisher)
    about = f"trouble {trouble.pk} {trouble.kind}"
    tell(trouble.publisher, Notice.Kind(trouble.kind), about, whom, trouble, destination=place, leads=leads)


def _watch(trouble: Trouble, now: datetime) -> None:
    """Notice that a destination is well, or no more, and end its trouble once it has been well for long enough."""
    place = trouble.destination
    well = place is not None and place.state == State.ACTIVE
    trouble.well_since = (trouble.well_since or now) if well else None
    if trouble.well_since and now - trouble.well_since >= _steady(trouble, now):
        trouble.ended_at = now
        _tell_of_end(trouble)
    trouble.save(update_fields=["well_since", "ended_at"])


def _steady(trouble: Trouble, now: datetime) -> timedelta:
    """Return how long it must have been well: longer each time it fell ill again within a day."""
    lately = Trouble.objects.filter(destination=trouble.destination_id, ended_at__gt=now - timedelta(days=1)).count()
    return min(STEADY * (1 << lately), LONGEST_STEADY)


def _tell_of_end(trouble: Trouble) -> None:
    about = f"trouble {trouble.pk} recovered"
    whom = contacts.of(trouble)
    waited = _waited(trouble)
    tell(trouble.publisher, Notice.Kind.RECOVERED, about, whom, trouble, of=trouble, waited=waited)


def _waited(trouble: Trouble) -> dict[str, int]:
    """Count the leads that waited for the end of a trouble by what has become of them, and all of them."""
    met = Q(finished_at__isnull=True) | Q(finished_at__gte=trouble.began_at)
    waited = Delivery.objects.filter(met, destination=trouble.destination_id, created_at__lt=trouble.well_since)
    states = waited.filter(lead__kind=Lead.Kind.LIVE).exclude(state=Delivery.State.WITHHELD).values_list("state")
    counted = dict(states.annotate(Count("pk")).order_by())
    open_ = sum(counted.pop(state, 0) for state in Delivery.OPEN)
    return {"total": sum(counted.values()) + open_, "open": open_, **counted}
