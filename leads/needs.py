"""What needs somebody now: destinations that stand still, and leads that stopped short of one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, Max

from leads.models import Delivery, Destination

GRAVITY = (
    Destination.State.HELD,
    Destination.State.RESTING,
    Destination.State.PAUSED,
    Delivery.State.UNCERTAIN,
    Delivery.State.REJECTED,
    Delivery.State.GAVE_UP,
)
"""The states that need somebody, in the order they are shown."""


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
    found = [*_standing_still(whose), *_stopped(whose)]
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
