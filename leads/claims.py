"""Claiming: a worker takes what is due for a while. The claim is on the delivery's own row and ends by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from connectors.base import LeadPayload
from leads import retry
from leads.models import Delivery, Destination
from leads.payloads import COLUMNS, TABLES, payload
from leads.statements import prepared
from leads.vault import Unreadable

# The conditions are on the delivery's own columns: with a filter through a join two workers could both win.
# Limits are written out, because of a limit that is a parameter the planner thinks a tenth of the table.
CLAIM = f"""
WITH fresh AS (
    SELECT id FROM leads_delivery
    WHERE destination_id = %(destination)s AND state = 'waiting' AND attempts = 0
        AND due_at BETWEEN %(fresh)s AND %(now)s
    ORDER BY due_at, id
    LIMIT {{most_fresh}}
    FOR UPDATE SKIP LOCKED
),
backlog AS (
    SELECT id FROM leads_delivery
    WHERE destination_id = %(destination)s AND state = 'waiting' AND due_at <= %(now)s
        AND id NOT IN (SELECT id FROM fresh)
    ORDER BY attempts, due_at, id
    LIMIT {{limit}}
    FOR UPDATE SKIP LOCKED
),
taken AS (
    UPDATE leads_delivery SET state = 'sending', claims = claims + 1, claimed_until = %(until)s
    WHERE id IN (SELECT id FROM fresh UNION ALL SELECT id FROM backlog LIMIT {{limit}})
    RETURNING id, lead_id, claims, attempts, due_at
)
SELECT taken.id, taken.claims, taken.attempts, lead.*
FROM taken CROSS JOIN LATERAL (SELECT {COLUMNS} FROM {TABLES} WHERE lead.id = taken.lead_id LIMIT 1) AS lead
ORDER BY taken.attempts, taken.due_at < %(fresh)s, taken.id
"""  # noqa: S608 - put together from constants

FRESH = timedelta(seconds=60)
"""How long a new lead goes before what has been waiting; a quarter of each claim is the backlog's all the same."""

GIVE_BACK = """
UPDATE leads_delivery SET state = 'waiting', claimed_until = NULL
FROM unnest(%(ids)s::bigint[], %(numbers)s::int[]) AS unsent(id, number)
WHERE leads_delivery.id = unsent.id AND claims = unsent.number AND state = 'sending'
"""

RECOVER = """
WITH orphan AS (
    SELECT id, claims, attempts + 1 AS spent, claimed_until, destination_id = ANY(%(repeatable)s::bigint[]) AS again
    FROM leads_delivery
    WHERE state = 'sending' AND claimed_until < %(now)s AND destination_id = ANY(%(destinations)s::bigint[])
    FOR UPDATE SKIP LOCKED
),
settled AS (
    UPDATE leads_delivery SET
        attempts = spent, claimed_until = NULL, due_at = %(now)s, cause = 'worker-lost', sentence = %(sentence)s,
        state = CASE WHEN NOT again THEN 'uncertain' WHEN spent > %(most)s THEN 'gave_up' ELSE 'waiting' END,
        finished_at = CASE WHEN NOT again OR spent > %(most)s THEN %(now)s END
    FROM orphan WHERE leads_delivery.id = orphan.id
)
INSERT INTO leads_attempt (delivery_id, number, outcome, cause, sentence, answer, started_at, seconds)
SELECT id, claims, 'lost', 'worker-lost', %(sentence)s, '', claimed_until, 0 FROM orphan
RETURNING delivery_id
"""

LOST = "Our worker stopped before the answer was written down."


@dataclass(frozen=True, slots=True)
class Claim:
    """One delivery in this worker's hands. ``number`` is the fence its result must name."""

    delivery_id: int
    number: int
    attempts: int
    lead: LeadPayload


class Tried(Protocol):
    @property
    def claim(self) -> Claim: ...


def claim(destination_id: int, *, limit: int, now: datetime, lasts: timedelta) -> list[Claim]:
    """Take up to ``limit`` due deliveries: new leads first, then first tries, then retries."""
    arguments: dict[str, Any] = {
        "destination": destination_id,
        "limit": limit,
        "now": now,
        "until": now + lasts,
        "fresh": now - FRESH,
    }
    with prepared() as cursor:
        cursor.execute(CLAIM.format(limit=limit, most_fresh=-(-limit * 3 // 4)), arguments)
        names = [column.name for column in cursor.description[3:]]
        return [
            Claim(id_, number, attempts, payload(dict(zip(names, lead, strict=True))))
            for id_, number, attempts, *lead in cursor.fetchall()
        ]


def give_back(claimed: Sequence[Claim], tried: Sequence[Tried]) -> None:
    """Return what was claimed and not tried, unspent."""
    begun = {outcome.claim.delivery_id for outcome in tried}
    unsent = [claim for claim in claimed if claim.delivery_id not in begun]
    if unsent:
        ids, numbers = [claim.delivery_id for claim in unsent], [claim.number for claim in unsent]
        with prepared() as cursor:
            cursor.execute(GIVE_BACK, {"ids": ids, "numbers": numbers})


def recover(now: datetime) -> int:
    """Take back the claims of dead workers; return how many.

    The lead may have been sent: where sending again is harmless it waits anew, elsewhere a person decides.
    """
    orphans = Delivery.objects.filter(state=Delivery.State.SENDING, claimed_until__lt=now)
    bereft = list(Destination.objects.filter(pk__in=orphans.values("destination")))
    if not bereft:
        return 0
    arguments: dict[str, Any] = {
        "now": now,
        "destinations": [destination.pk for destination in bereft],
        "repeatable": [destination.pk for destination in bereft if _repeatable(destination)],
        "sentence": LOST,
        "most": len(retry.SCHEDULE),
    }
    with prepared() as cursor:
        cursor.execute(RECOVER, arguments)
        return len(cursor.fetchall())


def _repeatable(destination: Destination) -> bool:
    """Ask the connector; where nobody can tell any more, sending again might double."""
    try:
        connector = destination.connector_class
        return connector.idempotent_with(connector.config_class.load(destination.config))
    except (KeyError, Unreadable):
        return False
