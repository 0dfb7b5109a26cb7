"""What has not landed, counted: how many wait at each destination, and what stopped, by cause."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min, QuerySet

from leads.models import Delivery

MOST = 20
"""Groups of failures that are told apart; a publisher with more has a larger trouble than the twenty-first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Deliveries that stopped at one destination for one cause."""

    destination_id: int
    name: str
    state: str
    cause: str
    sentence: str
    count: int
    since: datetime


def waiting(deliveries: QuerySet[Delivery]) -> dict[int, int]:
    """Count what waits or is being sent, by the destination's key."""
    waits = deliveries.filter(state__in=Delivery.OPEN).order_by().values("destination").annotate(count=Count("pk"))
    return {row["destination"]: row["count"] for row in waits}


def stopped(deliveries: QuerySet[Delivery]) -> list[Group]:
    """Group what stopped short of its destination, the largest group first."""
    rows = (
        deliveries.filter(state__in=Delivery.STOPPED)
        .order_by()
        .values("destination_id", "destination__name", "state", "cause")
        .annotate(count=Count("pk"), sentence=Max("sentence"), since=Min("finished_at"))
        .order_by("-count", "since")[:MOST]
    )
    return [Group(name=row.pop("destination__name"), **row) for row in rows]
