"""Where a lead stands: of the states of its deliveries, the one that most needs somebody.

The one definition. The books count by it and lists are narrowed by it, so that a number equals the list behind it.
"""

from __future__ import annotations

from django.db.models import Case, Exists, Min, OuterRef, Q, QuerySet, When
from django.db.models.enums import TextChoices

from leads.models import Delivery, Destination


class LeadState(TextChoices):
    """Gravest first; ``kept`` is a lead of an offer that had no destination."""

    UNCERTAIN = "uncertain", "To decide"
    HELD = "held", "Held"
    WAITING = "waiting", "Waiting"
    REJECTED = "rejected", "Refused"
    GAVE_UP = "gave_up", "Gave up"
    DELIVERED = "delivered", "Delivered"
    WITHHELD = "withheld", "Withheld"
    KEPT = "kept", "Kept here"


ROUTED: list[LeadState] = [state for state in LeadState if state != LeadState.KEPT]
"""The states that a delivery can bring a lead into, gravest first."""
STANDING_STILL = (Destination.State.HELD, Destination.State.PAUSED)
"""Destinations whose leads go on only when somebody acts. At one that rests they wait."""


def in_state(state: LeadState) -> Q:
    """Say of a lead that it stands there."""
    if state == LeadState.KEPT:
        return Q(~Exists(_deliveries()), routed=0)
    *graver, own = (Exists(_deliveries().filter(_brings(one))) for one in ROUTED[: ROUTED.index(state) + 1])
    return Q(own, *[~one for one in graver])


def gravest() -> Min:
    """Aggregate a lead's deliveries into the place of its state in :data:`ROUTED`; null where it has none."""
    return Min(Case(*[When(_brings(state, "deliveries__"), then=place) for place, state in enumerate(ROUTED)]))


def _deliveries() -> QuerySet[Delivery]:
    return Delivery.objects.filter(lead=OuterRef("pk"))


def _brings(state: LeadState, path: str = "") -> Q:
    """Say of a delivery that it brings its lead into this state, unless another of the lead's is graver."""
    is_open = Q(**{f"{path}state__in": Delivery.OPEN})
    if state == LeadState.HELD:
        return is_open & Q(**{f"{path}destination__state__in": STANDING_STILL})
    return is_open if state == LeadState.WAITING else Q(**{f"{path}state": state.value})
