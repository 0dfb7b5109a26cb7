"""What is on its way, counted."""

from __future__ import annotations

from django.db.models import Count, QuerySet

from leads.models import Delivery


def waiting(deliveries: QuerySet[Delivery]) -> dict[int, int]:
    """Count what waits or is being sent, by the destination's key; destinations without any are left out."""
    waits = deliveries.filter(state__in=Delivery.OPEN).order_by().values("destination").annotate(count=Count("pk"))
    return {row["destination"]: row["count"] for row in waits}
