"""The funnel: customers and leads at each stage. Tests, previews and what has no stage are never counted.

A customer is at a stage if one of their leads in the period says so; they *entered* where their earliest stage is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from leads.models import Lead
from leads.taxonomy import Stage

COUNT = """
WITH per_customer AS (
    SELECT offer_id, customer_id, count(*) AS leads,
        count(*) FILTER (WHERE stage = 1) AS test_drive,
        count(*) FILTER (WHERE stage = 2) AS interest,
        count(*) FILTER (WHERE stage = 3) AS active
    FROM leads_lead
    WHERE kind = 'live' AND stage IS NOT NULL AND offer_id = ANY(%(offers)s)
        AND (%(since)s::timestamptz IS NULL OR received_at >= %(since)s)
        AND (%(until)s::timestamptz IS NULL OR received_at < %(until)s)
        AND (%(storefront)s = '' OR storefront = %(storefront)s) AND (%(country)s = '' OR country = %(country)s)
    GROUP BY offer_id, customer_id
)
SELECT offer_id, count(DISTINCT customer_id), sum(leads),
    count(*) FILTER (WHERE test_drive > 0), sum(test_drive),
    count(*) FILTER (WHERE interest > 0), sum(interest),
    count(*) FILTER (WHERE interest > 0 AND test_drive > 0),
    count(*) FILTER (WHERE active > 0), sum(active),
    count(*) FILTER (WHERE active > 0 AND interest > 0),
    count(*) FILTER (WHERE active > 0 AND interest = 0 AND test_drive = 0)
FROM per_customer GROUP BY offer_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageCount:
    """``came`` of the ``customers`` had been at the stage before; ``entered`` began here."""

    stage: Stage
    customers: int = 0
    leads: int = 0
    came: int = 0
    entered: int = 0
    share: float | None = None
    """Which part of the stage before came on to this one; None for the first stage or an empty one before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    customers: int
    leads: int
    stages: tuple[StageCount, StageCount, StageCount]

    @property
    def conversion(self) -> float | None:
        """Return the part of all customers who became active; None where there are none."""
        return self.stages[2].customers / self.customers if self.customers else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """Whose leads are counted; ``""`` is every storefront, and every country as it was sent."""

    storefront: str = ""
    country: str = ""


EVERYWHERE = Market()
EMPTY = Funnel(customers=0, leads=0, stages=tuple(StageCount(stage=stage) for stage in Stage))  # type: ignore[arg-type] # three stages
"""The funnel of an offer without leads."""


def funnels(
    offer_ids: Sequence[int],
    since: datetime | None = None,
    until: datetime | None = None,
    market: Market = EVERYWHERE,
) -> dict[int, Funnel]:
    """Count the funnel of each offer over leads received from ``since`` to before ``until``, in one query."""
    arguments = {"offers": list(offer_ids), "since": since, "until": until, **asdict(market)}
    with connection.cursor() as cursor:
        cursor.execute(COUNT, arguments)
        counted = {row[0]: _funnel([int(number) for number in row[1:]]) for row in cursor.fetchall()}
    return {pk: counted.get(pk, EMPTY) for pk in offer_ids}


def apart(leads: QuerySet[Lead]) -> dict[str, int]:
    """Count what the funnel leaves out: previews and tests."""
    return {kind: leads.filter(kind=kind).count() for kind in (Lead.Kind.PREVIEW, Lead.Kind.TEST)}


def _funnel(row: Sequence[int]) -> Funnel:
    customers, leads, tried, tries, interested, interests, from_drive, active, actives, from_interest, straight = row
    test_drive = StageCount(stage=Stage.TEST_DRIVE, customers=tried, leads=tries, entered=tried)
    interest = StageCount(
        stage=Stage.INITIAL_INTEREST,
        customers=interested,
        leads=interests,
        came=from_drive,
        entered=interested - from_drive,
        share=_share(from_drive, tried),
    )
    end = StageCount(
        stage=Stage.ACTIVE,
        customers=active,
        leads=actives,
        came=from_interest,
        entered=straight,
        share=_share(from_interest, interested),
    )
    return Funnel(customers=customers, leads=leads, stages=(test_drive, interest, end))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
