"""One drain at a time per destination: its turn is on the destination's row, and ends by itself if its worker dies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from leads.models import Destination
from leads.statements import prepared

TAKE = """
UPDATE leads_destination SET drain_token = %(token)s, drain_until = %(until)s
WHERE id = %(destination)s AND (drain_until IS NULL OR drain_until < %(now)s)
    AND (state = 'active' OR (state IN ('resting', 'held') AND resume_at <= %(now)s))
RETURNING *
"""

# Nothing is lost with a turn but the turn, so nobody waits until it is on the disk.
KEEP = """
WITH hurry AS (SELECT set_config('synchronous_commit', 'off', true))
UPDATE leads_destination SET drain_until = %(until)s
FROM hurry
WHERE id = %(destination)s AND drain_token = %(token)s
    AND (state = 'active' OR (state IN ('resting', 'held') AND resume_at <= %(now)s))
RETURNING state
"""


@dataclass(frozen=True, slots=True)
class Turn:
    destination: Destination
    token: UUID


def take(destination_id: int, now: datetime, lasts: timedelta) -> Turn | None:
    """Take the turn at a destination that is ready and that nobody drains; None otherwise."""
    token = uuid4()
    arguments = {"destination": destination_id, "token": token, "now": now, "until": now + lasts}
    taken = next(iter(Destination.objects.raw(TAKE, arguments)), None)
    return Turn(taken, token) if taken else None


def keep(turn: Turn, now: datetime, lasts: timedelta) -> str | None:
    """Prolong the turn and return the destination's state; None when the turn has ended or it takes no leads now."""
    arguments: dict[str, Any] = {
        "destination": turn.destination.pk,
        "token": turn.token,
        "now": now,
        "until": now + lasts,
    }
    with prepared() as cursor:
        cursor.execute(KEEP, arguments)
        row = cursor.fetchone()
    return row[0] if row else None


def leave(turn: Turn) -> None:
    """Give the turn back."""
    mine = Destination.objects.filter(pk=turn.destination.pk, drain_token=turn.token)
    mine.update(drain_token=None, drain_until=None)


def revoke(destination_id: int) -> None:
    """End whatever turn there is: what it still learns is about settings that are no longer."""
    Destination.objects.filter(pk=destination_id).update(drain_token=None, drain_until=None)
