"""A funnel over a period, beside the funnel of the period before."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db import connection

from leads.funnel import EMPTY, Funnel, Market, StageCount, funnels

MEDIAN = """
WITH per_customer AS (
    SELECT min(received_at) FILTER (WHERE stage = 1) AS tried, min(received_at) FILTER (WHERE stage = 3) AS active
    FROM leads_lead
    WHERE kind = 'live' AND offer_id = %(offer)s
        AND (%(since)s::timestamptz IS NULL OR received_at >= %(since)s)
        AND (%(until)s::timestamptz IS NULL OR received_at < %(until)s)
        AND (%(storefront)s = '' OR storefront = %(storefront)s) AND (%(country)s = '' OR country = %(country)s)
    GROUP BY customer_id
)
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY active - tried) FROM per_customer WHERE active >= tried
"""


@dataclass(frozen=True, slots=True)
class Period:
    """From ``since`` to before ``until``; None means from the beginning, or up to now."""

    since: datetime | None = None
    until: datetime | None = None

    def before(self, now: datetime) -> Period | None:
        """Return the period of the same length just before; None where there is none."""
        if self.since is None:
            return None
        return Period(self.since - ((self.until or now) - self.since), self.since)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A funnel beside the one of the period before."""

    now: Funnel
    before: Funnel | None
    to_active: timedelta | None
    """Median time from a customer's first test drive to becoming active; None where nobody did both."""

    @property
    def rows(self) -> list[tuple[StageCount, StageCount]]:
        """Pair each stage with itself in the period before."""
        return list(zip(self.now.stages, (self.before or EMPTY).stages, strict=True))

    @property
    def points(self) -> float | None:
        """Return by how much conversion has risen, as a part of one; None where either has none."""
        if self.before is None or self.before.conversion is None or self.now.conversion is None:
            return None
        return self.now.conversion - self.before.conversion


def compared(offer_id: int, period: Period, market: Market, now: datetime) -> Compared:
    """Count an offer's funnel in a period and in the one before."""
    before = period.before(now)
    return Compared(
        now=_of(offer_id, period, market),
        before=_of(offer_id, before, market) if before else None,
        to_active=_median(offer_id, period, market),
    )


def _of(offer_id: int, period: Period, market: Market) -> Funnel:
    return funnels([offer_id], period.since, period.until, market)[offer_id]


def _median(offer_id: int, period: Period, market: Market) -> timedelta | None:
    with connection.cursor() as cursor:
        arguments = {"offer": offer_id, "since": period.since, "until": period.until, **asdict(market)}
        cursor.execute(MEDIAN, arguments)
        median: timedelta | None = (cursor.fetchone() or [None])[0]
    return median
