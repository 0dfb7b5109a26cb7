"""What is known about failures besides their number: the tries, and what had been changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Min

from leads.models import Attempt, Delivery, Destination, DestinationVersion, Offer

BEFORE = timedelta(hours=1)
"""How long before the first failure a change may lie to be told with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Settings as they were saved shortly before the first failure; ``what`` names the fields."""

    number: int
    at: datetime
    by: str
    what: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """By key, for the destinations, offers and deliveries that were asked for."""

    destinations: Mapping[int, Destination]
    offers: Mapping[int, Offer]
    deliveries: Mapping[int, Delivery]
    last_tries: Mapping[int, Attempt]
    spans: Mapping[tuple[int, str], tuple[datetime, datetime]]
    versions: list[DestinationVersion]

    def tried(self, delivery_id: int, cause: str) -> tuple[datetime, ...]:
        """Return when a delivery first and last failed for this cause; nothing where no try is on record."""
        return self.spans.get((delivery_id, cause), ())

    def change_before(self, destination_id: int, first: datetime) -> Change | None:
        """Return the last settings that were saved shortly before this moment."""
        near = (
            version
            for version in self.versions
            if version.destination_id == destination_id and first - BEFORE <= version.saved_at <= first
        )
        last = max(near, key=lambda version: version.number, default=None)
        return _change(last) if last else None


def gather(*, destinations: Iterable[int], offers: Iterable[int], deliveries: Iterable[int]) -> Evidence:
    """Read it all, in as many queries as there are kinds of it."""
    tries = Attempt.objects.filter(delivery__in=deliveries)
    spans = tries.order_by().values("delivery", "cause").annotate(first=Min("started_at"), last=Max("started_at"))
    last_tries = tries.order_by("delivery", "-number").distinct("delivery").defer("answer")
    saved = DestinationVersion.objects.filter(destination__in=destinations).defer("sealed_config")
    return Evidence(
        destinations=Destination.objects.select_related("publisher").in_bulk(destinations),
        offers=Offer.objects.select_related("publisher").in_bulk(offers),
        deliveries=Delivery.objects.in_bulk(deliveries),
        last_tries={found.delivery_id: found for found in last_tries},
        spans={(row["delivery"], row["cause"]): (row["first"], row["last"]) for row in spans},
        versions=list(saved.select_related("saved_by")),
    )


def _change(version: DestinationVersion) -> Change:
    by = version.saved_by
    name = (by.get_full_name() or by.get_username()) if by else ""
    return Change(number=version.number, at=version.saved_at, by=name, what=sorted(version.changes))
