"""Continuous proof: one test lead a day for each destination that wants it, down the very path of real ones.

Its idempotency key names destination and day, so that however often somebody looks there is one.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from connectors.base import Connector
from leads import destinations, landing
from leads.models import Delivery, Destination, Lead

STANDING_STILL = (Destination.State.HELD, Destination.State.PAUSED)
"""Destinations that have no need of a test: somebody knows already, or wants nothing sent."""


def look() -> None:
    """Send today's canaries that are not out yet, and settle those that have arrived."""
    today = timezone.now().date()
    wanting = Destination.objects.filter(canary=True).select_related("publisher").order_by("pk")
    _send({_key(place, today): place for place in wanting.exclude(state__in=STANDING_STILL)})
    _settle([_key(place, day) for place in wanting for day in (today, today - timedelta(days=1))])


def switch(destination: Destination, *, on: bool) -> None:
    """Begin to send a canary every day, the first one soon, or stop it."""
    destination.canary = on
    destination.save(update_fields=["canary"])


def _send(wanted: dict[str, Destination]) -> None:
    out = set(Lead.objects.filter(idempotency_key__in=wanted, key=None).values_list("idempotency_key", flat=True))
    for key, destination in wanted.items():
        if key not in out:
            destinations.send_test_lead(destination, key)


def _settle(keys: list[str]) -> None:
    arrived = Delivery.objects.filter(
        lead__idempotency_key__in=keys, lead__key=None, state=Delivery.State.DELIVERED, landing=""
    )
    for delivery in arrived.select_related("destination"):
        _prove(delivery, timezone.now())


def _prove(delivery: Delivery, now: datetime) -> None:
    """Look for a canary where it landed, remove it there, and write down that the connection is proved."""
    receipt = landing.receipt(delivery)

    def look_for_it(connector: Connector[Any]) -> None:
        shown = connector.read_back(receipt)
        if shown != "missing":
            connector.remove(receipt)
            _proved(delivery)
        landing.keep(delivery, shown, now)

    landing.ask(delivery.destination, look_for_it)


def _proved(delivery: Delivery) -> None:
    at = delivery.finished_at
    older = Q(proved_at__isnull=True) | Q(proved_at__lt=at)
    Destination.objects.filter(older, pk=delivery.destination_id).update(proved_at=at)


def _key(destination: Destination, day: date) -> str:
    return f"canary:{destination.pk}:{day}"
