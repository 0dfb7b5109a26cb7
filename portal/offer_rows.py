"""Offers as tables show them: each with its funnel, where its leads go, and how that is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from leads.funnel import Funnel, funnels
from leads.models import Destination, Offer

GRAVITY = (
    Destination.State.ACTIVE,
    Destination.State.PAUSED,
    Destination.State.RESTING,
    Destination.State.HELD,
)


@dataclass(frozen=True, slots=True)
class OfferRow:
    offer: Offer
    funnel: Funnel
    destinations: list[Destination]

    @property
    def state(self) -> Destination.State | None:
        """The gravest state among its destinations; None where it has none."""
        states = [Destination.State(destination.state) for destination in self.destinations]
        return max(states, key=GRAVITY.index, default=None)


def offer_rows(offers: Iterable[Offer], since: datetime) -> list[OfferRow]:
    """Dress offers, whose destinations are fetched ahead, with their funnels from ``since`` on."""
    found = list(offers)
    counted = funnels([offer.pk for offer in found], since)
    return [OfferRow(offer, counted[offer.pk], list(offer.destinations.all())) for offer in found]


def busiest(offers: QuerySet[Offer], since: datetime) -> list[OfferRow]:
    """Dress all of a publisher's offers, those with most leads first."""
    rows = offer_rows(offers.prefetch_related("destinations"), since)
    return sorted(rows, key=lambda row: (-row.funnel.leads, row.offer.title.lower(), row.offer.pk))
