"""What numbers that add up can still hide, looked for among leads; whatever is found is a fault of ours, and logged."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from leads.balance import Sheet, sheet
from leads.filters import days_ago
from leads.models import Attempt, Delivery, Journey, Lead, Publisher

logger = logging.getLogger(__name__)

LATE = timedelta(minutes=10)
"""How long after its end a claim may still stand: the sweep takes it back within seconds."""
SHOWN = 50
"""Leads that a finding names."""
DAYS = 92
"""How far back the daily task looks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Leads that cannot be as the books have them. ``leads`` are the newest of them."""

    name: str
    sentence: str
    count: int
    leads: list[UUID]


@dataclass(frozen=True, slots=True)
class Books:
    """What was counted, and what the numbers hide."""

    sheet: Sheet
    findings: list[Finding]

    @property
    def balanced(self) -> bool:
        return self.sheet.total().adds_up and not self.findings


def books(leads: QuerySet[Lead], whose: str, *, by: str = "offer") -> Books:
    """Draw up the books of these leads by day and offer, or publisher, and look for what cannot be."""
    return Books(sheet(leads, by), examine(leads, whose))


def examine(leads: QuerySet[Lead], whose: str) -> list[Finding]:
    """Look for what cannot be among these leads, and log it without naming anybody but ``whose`` they are."""
    now = timezone.now()
    looked = [_finding(name, sentence, find(leads, now)) for name, (sentence, find) in CHECKS.items()]
    found = [finding for finding in looked if finding]
    if found:
        told = ", ".join(f"{finding.name} {finding.count}" for finding in found)
        logger.error("The books of %s are inconsistent: %s", whose, told)
    return found


def examine_all() -> dict[str, list[Finding]]:
    """Look through every publisher's leads of the last :data:`DAYS`; return what was found by the publisher's slug."""
    since = days_ago(DAYS)
    looked = {
        publisher.slug: examine(publisher.leads.filter(received_at__gte=since), publisher.slug)
        for publisher in Publisher.objects.order_by("slug")
    }
    return {slug: found for slug, found in looked.items() if found}


def _finding(name: str, sentence: str, found: QuerySet[Lead]) -> Finding | None:
    newest = list(found.order_by("-received_at", "-pk").values_list("pk", flat=True)[: SHOWN + 1])
    count = found.count() if len(newest) > SHOWN else len(newest)
    return Finding(name=name, sentence=sentence, count=count, leads=newest[:SHOWN]) if newest else None


def _lost(leads: QuerySet[Lead], _now: datetime) -> QuerySet[Lead]:
    return leads.annotate(there=Count("deliveries")).filter(there__lt=F("routed"))


def _stranded(leads: QuerySet[Lead], now: datetime) -> QuerySet[Lead]:
    orphans = Delivery.objects.orphaned(now - LATE)
    return leads.filter(pk__in=orphans.values("lead"))


def _untried(leads: QuerySet[Lead], _now: datetime) -> QuerySet[Lead]:
    tried = Exists(Attempt.objects.filter(delivery=OuterRef("pk")))
    untried = Delivery.objects.filter(~tried, lead=OuterRef("pk"), state=Delivery.State.DELIVERED)
    return leads.filter(Exists(untried))


def _unknown(leads: QuerySet[Lead], _now: datetime) -> QuerySet[Lead]:
    journey = Journey.objects.filter(customer=OuterRef("customer"), offer=OuterRef("offer"))
    return leads.filter(Q(customer=None) | ~Exists(journey), kind=Lead.Kind.LIVE)


Find = Callable[[QuerySet[Lead], datetime], QuerySet[Lead]]
CHECKS: dict[str, tuple[str, Find]] = {
    "delivery missing": ("Fewer deliveries are on record than destinations it was sent on to.", _lost),
    "claim left behind": (
        "A worker took it, its time ended more than ten minutes ago, and it was not taken back.",
        _stranded,
    ),
    "delivered without a try": ("It is said to be delivered, and no try is on record.", _untried),
    "customer or journey missing": ("A real lead that belongs to no customer, or counts in no funnel.", _unknown),
}
"""Each check by its name: what it means for a lead, and how to find such leads."""
