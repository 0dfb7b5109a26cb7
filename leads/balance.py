"""The books: every live lead received is in exactly one state, and the states add up to what was received."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime

from django.db import connection

COUNT = """
WITH state AS (
    SELECT lead.id,
        CASE
            WHEN bool_or(delivery.state = 'uncertain') THEN 'uncertain'
            WHEN bool_or(delivery.state IN ('waiting', 'sending') AND destination.state IN ('held', 'paused'))
                THEN 'held'
            WHEN bool_or(delivery.state IN ('waiting', 'sending')) THEN 'waiting'
            WHEN bool_or(delivery.state = 'rejected') THEN 'rejected'
            WHEN bool_or(delivery.state = 'gave_up') THEN 'gave_up'
            WHEN bool_or(delivery.state = 'delivered') THEN 'delivered'
            WHEN bool_or(delivery.state = 'withheld') THEN 'withheld'
            WHEN count(delivery.id) = 0 THEN 'kept'
        END AS name
    FROM leads_lead lead
    LEFT JOIN leads_delivery delivery ON delivery.lead_id = lead.id
    LEFT JOIN leads_destination destination ON destination.id = delivery.destination_id
    WHERE lead.kind = 'live' AND (%(publisher)s::bigint IS NULL OR lead.publisher_id = %(publisher)s)
        AND (%(since)s::timestamptz IS NULL OR lead.received_at >= %(since)s)
    GROUP BY lead.id
)
SELECT name, count(*) FROM state GROUP BY name
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Leads by state; a lead with several deliveries counts where it most needs somebody. ``kept``: no destination."""

    delivered: int = 0
    waiting: int = 0
    held: int = 0
    rejected: int = 0
    uncertain: int = 0
    gave_up: int = 0
    withheld: int = 0
    kept: int = 0
    received: int = 0

    @property
    def adds_up(self) -> bool:
        """Tell whether the states sum to what was received."""
        states = sum(getattr(self, field.name) for field in fields(self) if field.name != "received")
        return bool(states == self.received)


def balance(publisher_id: int | None, since: datetime | None = None) -> Balance:
    """Count a publisher's live leads by state, or with None everybody's, of those received from ``since`` on."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"publisher": publisher_id, "since": since})
        counted = {name: number for name, number in cursor.fetchall() if name}
        cursor.execute(
            "SELECT count(*) FROM leads_lead WHERE kind = 'live'"
            " AND (%(publisher)s::bigint IS NULL OR publisher_id = %(publisher)s)"
            " AND (%(since)s::timestamptz IS NULL OR received_at >= %(since)s)",
            {"publisher": publisher_id, "since": since},
        )
        [received] = cursor.fetchone() or [0]
    return Balance(**counted, received=received)
