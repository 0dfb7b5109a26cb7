"""Where a lead stands: of all its deliveries' states, the one that most needs somebody.

The one definition. The books count by it and lists are narrowed by it, so a number and the list behind it agree.
"""

from __future__ import annotations

from django.db.models import Case, Exists, Min, OuterRef, Q, Value, When
from django.db.models.enums import TextChoices

from leads.models import Delivery, Destination


class LeadState(TextChoices):
    """From the gravest on. A lead that was given no destination is kept."""

    UNCERTAIN = "uncertain", "To decide"
    HELD = "held", "Held"
    WAITING = "waiting", "Waiting"
    REJECTED = "rejected", "Refused"
    GAVE_UP = "gave_up", "Gave up"
    DELIVERED = "delivered", "Delivered"
    WITHHELD = "withheld", "Withheld"
    KEPT = "kept", "Kept here"


STILL = (Destination.State.HELD, Destination.State.PAUSED)
"""Destinations whose leads go on only when somebody acts; at one that rests they wait."""


def state_of_lead() -> Case:
    """Aggregate a lead's deliveries into its state; null when all that it was given are gone."""
    made = list(_made_by("deliveries__").items())
    gravest = Min(Case(*[When(condition, then=Value(rank)) for rank, (_, condition) in enumerate(made)]))
    named = [When(Q(gravest=rank), then=Value(state.value)) for rank, (state, _) in enumerate(made)]
    del gravest
    return Case(*named)
