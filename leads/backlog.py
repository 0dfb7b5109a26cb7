"""What is on its way, counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Count, QuerySet

from leads.models import Delivery, Destination


def waiting(deliveries: QuerySet[Delivery]) -> dict[int, int]:
    """Count what waits or is being sent, by the destination's key; destinations without any are left out."""
    waits = deliveries.filter(state__in=Delivery.OPEN).order_by().values("destination").annotate(count=Count("pk"))
    return {row["destination"]: row["count"] for row in waits}


def by_state(destinations: Iterable[Destination]) -> dict[int, dict[str, int]]:
    """Count all deliveries by the destination's key and their state; what is nought is left out."""
    counted: defaultdict[int, dict[str, int]] = defaultdict(dict)
    rows = Delivery.objects.filter(destination__in=destinations).values_list("destination", "state")
    for destination, state, number in rows.annotate(Count("pk")).order_by():
        counted[destination][state] = number
    return counted
