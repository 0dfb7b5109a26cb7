"""What an operator's monitoring asks again and again: where deliveries stand, what is late, how tries end."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from django.db import OperationalError, connection, transaction
from django.utils import timezone

WINDOW = timedelta(minutes=5)
"""How far back tries are counted."""
PATIENCE = 2_000
"""Milliseconds the database may take; after that it has better things to do."""

# Each part reads an index only, or a small table: what is delivered is most of the deliveries, and is not counted.
READ = """
WITH unfinished AS (
    SELECT delivery.state, destination.state AS place, count(*) AS number,
        min(due_at) FILTER (WHERE delivery.state = 'waiting' AND due_at <= %(now)s) AS oldest
    FROM leads_delivery delivery JOIN leads_destination destination ON destination.id = destination_id
    WHERE delivery.state <> 'delivered'
    GROUP BY delivery.state, destination.state
),
standing AS (
    SELECT CASE WHEN state = 'waiting' AND place <> 'active' THEN place ELSE state END AS state, number FROM unfinished
)
SELECT 'deliveries', state, sum(number)::float8 FROM standing GROUP BY state
UNION ALL
SELECT 'destinations', state, count(*)::float8 FROM leads_destination GROUP BY state
UNION ALL
SELECT 'oldest_due_seconds', '', coalesce(extract(epoch FROM %(now)s - min(oldest)), 0)::float8
FROM unfinished WHERE place = 'active'
UNION ALL
SELECT 'recent_attempts', outcome, count(*)::float8
FROM leads_attempt WHERE started_at >= %(since)s GROUP BY outcome
UNION ALL
SELECT 'mails_waiting', '', count(*)::float8 FROM leads_notice WHERE sent_at IS NULL AND refused_at IS NULL
UNION ALL
SELECT 'replays_open', '', count(*)::float8 FROM leads_replay WHERE state IN ('choosing', 'canary', 'running')
"""


class Gauge(NamedTuple):
    """One number: what is counted, of which state or outcome, and how much there is."""

    name: str
    of: str
    value: float


class TooSlow(Exception):
    """The database took longer than :data:`PATIENCE`."""


def read() -> list[Gauge]:
    """Read all gauges in one statement; TooSlow where that takes too long."""
    now = timezone.now()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {PATIENCE}")
            cursor.execute(READ, {"now": now, "since": now - WINDOW})
            return [Gauge(*row) for row in cursor.fetchall()]
    except OperationalError as error:
        raise TooSlow from error
