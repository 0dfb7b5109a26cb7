"""Proof of landing: every day the newest deliveries of each destination are looked for where they were taken."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet
from django.utils import timezone

from connectors import registry
from connectors.base import Connector, Landing, Receipt
from connectors.errors import DeliveryError
from leads import wake
from leads.models import Attempt, Delivery, Destination, Lead
from leads.vault import Unreadable

logger = logging.getLogger(__name__)

MOST = 20
"""Deliveries of one destination that are looked for in a day."""
RECENT = timedelta(days=30)
"""How old a delivery may be to be looked for."""
AGAIN = timedelta(days=7)
"""How long what was found is believed."""


def look() -> None:
    """Ask for each destination that is well to be read back, one task each."""
    for pk in Destination.objects.filter(state=Destination.State.ACTIVE).values_list("pk", flat=True):
        wake.publish("leads.read_back", destination_id=pk)


def read_back(destination_id: int) -> int:
    """Look for the newest deliveries of a destination in its target; return how many were looked for."""
    now = timezone.now()
    destination = Destination.objects.get(pk=destination_id)
    deliveries = sample(destination, now)
    looked: list[Delivery] = []

    def look_for_each(connector: Connector[Any]) -> None:
        for delivery in deliveries:
            keep(delivery, connector.read_back(receipt(delivery)), now)
            looked.append(delivery)

    if deliveries:
        ask(destination, look_for_each)
    return len(looked)


def sample(destination: Destination, now: datetime) -> list[Delivery]:
    """Choose what to look for: what was gone and was sent again, then the newest that were not looked for lately."""
    taken = _taken(destination, now)
    anew = taken.filter(landing="", landing_checked_at__isnull=False)[:MOST]
    newest = taken.exclude(landing_checked_at__gt=now - AGAIN).order_by("-pk")[:MOST]
    # One that was gone longer ago is in both.
    return list({delivery.pk: delivery for delivery in (*anew, *newest)}.values())[:MOST]


def _taken(destination: Destination, now: datetime) -> QuerySet[Delivery]:
    return Delivery.objects.filter(
        # The publisher is named for the index.
        publisher=destination.publisher_id,
        destination=destination,
        state=Delivery.State.DELIVERED,
        finished_at__gte=now - RECENT,
        lead__kind=Lead.Kind.LIVE,
    )


def ask(destination: Destination, question: Callable[[Connector[Any]], None]) -> None:
    """Put a question to a destination's target; whatever goes wrong ends the question, and harms no lead."""
    try:
        with registry.connect(destination.connector, destination.config, destination.mapping) as connector:
            question(connector)
    except DeliveryError as error:
        logger.info("Destination %s could not be asked: %s", destination.pk, error.cause)
    except Unreadable:
        logger.info("Destination %s could not be asked: its settings cannot be read", destination.pk)
    except Exception as error:  # noqa: BLE001 - a connector of any kind; its message may quote a lead
        logger.error("The connector %s crashed with %s when asked", destination.connector, type(error).__name__)  # noqa: TRY400


def receipt(delivery: Delivery) -> Receipt:
    """Return what the target answered when it took the lead."""
    last = delivery.tries.order_by("-number").first() or Attempt(outcome="created")
    outcome: Any = last.outcome
    return Receipt(
        outcome=outcome,
        status=last.status,
        answer=last.answer,
        remote_id=delivery.remote_id,
        remote_url=delivery.remote_url,
    )


def keep(delivery: Delivery, landing: Landing, now: datetime) -> None:
    """Write down where a delivery was found, unless it has been sent again meanwhile."""
    same = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.DELIVERED, claims=delivery.claims)
    same.update(landing=landing, landing_checked_at=now)


def found(destinations: Iterable[Destination]) -> dict[int, Counter[str]]:
    """Count what looking has shown, by the destination's key."""
    places = list(destinations)
    shown = {place.pk: Counter[str]() for place in places}
    looked = Delivery.objects.filter(publisher__in={place.publisher_id for place in places}, destination__in=places)
    rows = looked.exclude(landing="").order_by().values_list("destination", "landing").annotate(Count("pk"))
    for destination, landing, number in rows:
        shown[destination][landing] = number
    return shown
