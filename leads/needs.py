"""What needs somebody now: destinations that stand still, leads that stopped short of one or are gone from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Max
from django.utils import timezone

from leads.models import Delivery, Destination

GRAVITY = (
    Destination.State.HELD,
    Destination.State.RESTING,
    Destination.State.PAUSED,
    Delivery.State.UNCERTAIN,
    Delivery.State.REJECTED,
    Delivery.State.GAVE_UP,
    Delivery.Landing.MISSING,
)
"""The states that need somebody, in the order they are shown."""

REMEMBERED = timedelta(days=14)
"""How long a lead that is gone from its target is told of; it may have been deleted there on purpose."""
GONE = "It had been taken, and was not there any more when we looked."


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One thing to look at: a destination that stands still, or leads it stopped at for one cause."""

    destination: Destination
    state: str
    """One of :data:`GRAVITY`."""
    leads: int
    cause: str = ""
    sentence: str = ""


def needs(publisher_id: int | None) -> list[Need]:
    """List a publisher's needs, or with None everybody's, gravest first.

    A pause is one only while leads wait for its end.
    """
    whose = {} if publisher_id is None else {"publisher": publisher_id}
    found = [*_standing_still(whose), *_stopped(whose), *_missing(whose)]
    return sorted(found, key=lambda need: (GRAVITY.index(need.state), -need.leads, need.destination.name))


def _standing_still(whose: dict[str, int]) -> Iterator[Need]:
    waiting = dict(
        Delivery.objects.filter(**whose, state__in=Delivery.OPEN).values_list("destination").annotate(leads=Count("pk"))
    )
    still = Destination.objects.filter(**whose).exclude(state=Destination.State.ACTIVE)
    for destination in still:
        leads = waiting.get(destination.pk, 0)
        if leads or destination.state != Destination.State.PAUSED:
            yield Need(destination=destination, state=destination.state, leads=leads, sentence=destination.problem)


def _stopped(whose: dict[str, int]) -> Iterator[Need]:
    groups = list(
        Delivery.objects.filter(**whose)
        .replayable()
        .values("destination", "state", "cause")
        .annotate(leads=Count("pk"), sentence=Max("sentence"))
    )
    destinations = Destination.objects.in_bulk({group["destination"] for group in groups})
    for group in groups:
        yield Need(**group | {"destination": destinations[group["destination"]]})


def _missing(whose: dict[str, int]) -> Iterator[Need]:
    lately = timezone.now() - REMEMBERED
    gone = Delivery.objects.filter(**whose, landing=Delivery.Landing.MISSING, landing_checked_at__gte=lately)
    counted = dict(gone.values_list("destination").annotate(leads=Count("pk")))
    for destination in Destination.objects.filter(pk__in=counted):
        yield Need(
            destination=destination, state=Delivery.Landing.MISSING, leads=counted[destination.pk], sentence=GONE
        )
