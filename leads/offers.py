"""What is done to offers, short of publishing them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction

from leads.models import Destination, Offer, Publisher, Route


@transaction.atomic
def register(
    publisher: Publisher,
    *,
    offer_id: str,
    title: str,
    storefronts: Sequence[str],
    summary: str = "",
    destinations: Iterable[Destination] = (),
) -> Offer:
    """Register an offer as a draft. ValidationError names field and rule."""
    offer = Offer(publisher=publisher, offer_id=offer_id, title=title, summary=summary, storefronts=list(storefronts))
    offer.full_clean()
    offer.save()
    route(offer, destinations)
    return offer


@transaction.atomic
def change(
    offer: Offer,
    *,
    title: str | None = None,
    summary: str | None = None,
    storefronts: Sequence[str] | None = None,
    destinations: Iterable[Destination] | None = None,
) -> Offer:
    """Change what is given; the id never changes, because leads carry it."""
    offer.title = offer.title if title is None else title
    offer.summary = offer.summary if summary is None else summary
    offer.storefronts = offer.storefronts if storefronts is None else list(storefronts)
    offer.full_clean()
    offer.save()
    if destinations is not None:
        route(offer, destinations)
    return offer


@transaction.atomic
def route(offer: Offer, destinations: Iterable[Destination]) -> None:
    """Send the offer's leads to these destinations from now on; to none is possible, leads are then kept here."""
    wanted = {destination.pk for destination in destinations}
    offer.routes.exclude(destination__in=wanted).delete()
    Route.objects.bulk_create([Route(offer=offer, destination_id=pk) for pk in sorted(wanted)], ignore_conflicts=True)
