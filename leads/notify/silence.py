"""Offers that have fallen silent: no lead where the same hours of the four weeks before would have brought some.

The window begins with the last lead. One in twenty gaps between leads has room for three that did not come, by chance
alone, so a busy offer would be told of every day; what must be improbable is such a gap in the whole of a week.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from leads.models import Lead, Notice, Offer, Trouble
from leads.notify import contacts
from leads.notify.outbox import alone, tell

LEAST_CHANCE = 0.05
"""Below it a gap is no accident. That takes three leads that did not come (e to the -3 is 0.0498), in a week more."""
LEAST_WEEKS = 3
"""In how many of the four weeks those hours must have brought a lead: one busy week is no rhythm."""
LEAST_GAP = timedelta(hours=1)
PAUSE = timedelta(days=1)
"""How long after a silence the next one is not told of."""

QUIET = """
WITH quiet AS (
    SELECT offer.id, last.received_at AS heard_at
    FROM leads_offer offer
    CROSS JOIN LATERAL (
        SELECT received_at FROM leads_lead WHERE offer_id = offer.id AND kind = 'live'
        ORDER BY received_at DESC, id DESC LIMIT 1
    ) last
    WHERE offer.status = 'live'
        AND last.received_at BETWEEN %(now)s - interval '7 days' AND %(now)s - %(gap)s
        AND NOT EXISTS (
            SELECT FROM leads_trouble WHERE offer_id = offer.id AND (ended_at IS NULL OR ended_at > %(now)s - %(pause)s)
        )
),
earlier AS (
    SELECT quiet.id, heard_at, extract(epoch FROM %(now)s - received_at) AS age,
        extract(epoch FROM %(now)s - heard_at) AS gap
    FROM quiet JOIN leads_lead lead ON offer_id = quiet.id AND kind = 'live'
        AND received_at > heard_at - interval '28 days' AND received_at <= heard_at
)
SELECT id, heard_at, count(*) / 4.0,
    count(*) FILTER (WHERE age >= 604800 AND age %% 604800 < gap) / 4.0,
    count(DISTINCT floor(age / 604800)) FILTER (WHERE age >= 604800 AND age %% 604800 < gap)
FROM earlier GROUP BY id, heard_at
"""


@dataclass(frozen=True, slots=True)
class Quiet:
    """An offer since its last lead. ``expected`` is what these hours brought on average, ``weeks`` in how many."""

    offer_id: int
    heard_at: datetime
    weekly: float
    expected: float
    weeks: int

    @property
    def is_silence(self) -> bool:
        """Tell whether a week without a fault would hardly bring such a gap (Poisson)."""
        chance = exp(-self.expected) * max(self.weekly, 1.0)
        return self.weeks >= LEAST_WEEKS and chance < LEAST_CHANCE


def look() -> None:
    """Tell of offers that have fallen silent, and of those that leads come for again."""
    with alone("silence") as mine:
        if mine:
            now = timezone.now()
            for trouble in _open():
                _watch(trouble, now)
            for quiet in quiet_offers(now):
                if quiet.is_silence:
                    _tell(quiet)


def quiet_offers(now: datetime) -> list[Quiet]:
    """Measure each live offer whose last lead is more than an hour and less than a week old."""
    arguments: dict[str, Any] = {"now": now, "gap": LEAST_GAP, "pause": PAUSE}
    with connection.cursor() as cursor:
        cursor.execute(QUIET, arguments)
        return [
            Quiet(offer_id, heard_at, float(weekly), float(expected), weeks)
            for offer_id, heard_at, weekly, expected, weeks in cursor.fetchall()
        ]


def _open() -> QuerySet[Trouble]:
    return Trouble.objects.filter(ended_at=None, offer__isnull=False).select_related("offer__publisher", "publisher")


def _tell(quiet: Quiet) -> None:
    offer = Offer.objects.select_related("publisher").get(pk=quiet.offer_id)
    trouble = Trouble.objects.create(
        publisher=offer.publisher, offer=offer, kind=Trouble.Kind.SILENT, began_at=quiet.heard_at
    )
    whom = contacts.of_problems(offer.publisher)
    tell(offer.publisher, Notice.Kind.SILENT, f"trouble {trouble.pk} silent", whom, trouble, offer=offer, quiet=quiet)


def _watch(trouble: Trouble, now: datetime) -> None:
    """End a silence: told of when a lead has come, untold when the offer is no longer live."""
    leads = Lead.objects.live().filter(offer=trouble.offer_id, received_at__gt=trouble.began_at)
    first = leads.order_by("received_at").values_list("received_at", flat=True).first()
    offer = trouble.offer
    if offer is None or (first is None and offer.status == Offer.Status.LIVE):
        return
    trouble.well_since, trouble.ended_at = first, now
    trouble.save(update_fields=["well_since", "ended_at"])
    if first is not None:
        about, whom = f"trouble {trouble.pk} heard", contacts.of(trouble)
        tell(trouble.publisher, Notice.Kind.HEARD, about, whom, trouble, of=trouble, leads=leads.count())
