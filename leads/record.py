"""Recording: what became of each claim, in one transaction with a fixed number of statements whatever the batch."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from connectors.base import Receipt
from connectors.errors import DeliveryError, Misconfigured, Rejected, Uncertain, Unsent
from leads import health, retry
from leads.claims import Claim
from leads.models import Delivery
from leads.statements import prepared
from leads.turns import Turn

RECORD = """
WITH result AS (
    SELECT * FROM jsonb_to_recordset(%(results)s::jsonb) AS row(
        delivery_id bigint, number int, state text, attempts smallint, due_at timestamptz, outcome text,
        cause text, sentence text, fix text, who text, status smallint, answer text, started_at timestamptz,
        seconds float8, remote_id text, remote_url text)
),
settled AS (
    UPDATE leads_delivery delivery SET
        state = result.state, attempts = result.attempts, due_at = coalesce(result.due_at, delivery.due_at),
        claimed_until = NULL, cause = result.cause, sentence = result.sentence,
        finished_at = CASE WHEN result.state <> 'waiting' THEN %(now)s END,
        remote_id = result.remote_id, remote_url = result.remote_url
    FROM result
    WHERE delivery.id = result.delivery_id AND delivery.claims = result.number AND delivery.state = 'sending'
    RETURNING delivery.id
)
INSERT INTO leads_attempt (
    delivery_id, number, outcome, cause, sentence, fix, who, status, answer, started_at, seconds)
SELECT delivery_id, number, outcome, cause, sentence, fix, who, status, answer, started_at, seconds
FROM result JOIN settled ON settled.id = result.delivery_id
RETURNING delivery_id
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A claim and what the connector answered for it."""

    claim: Claim
    result: Receipt | DeliveryError
    started_at: datetime
    seconds: float


class Verdict(NamedTuple):
    """What a result means for its delivery: the new state, the tries spent and when the next is due."""

    state: Delivery.State
    attempts: int
    outcome: str
    due_at: str | None = None
    cause: str = ""
    sentence: str = ""
    fix: str = ""
    who: str = ""
    status: int | None = None
    answer: str = ""
    remote_id: str = ""
    remote_url: str = ""


def record(turn: Turn, outcomes: Sequence[Outcome], now: datetime) -> int:
    """Write results down and let the destination feel them; return how many still counted.

    A result whose claim has been taken over meanwhile changes nothing.
    """
    results = [outcome.result for outcome in outcomes]
    if not health.is_felt(turn, results):
        return _write(outcomes, now)
    with transaction.atomic():
        counted = _write(outcomes, now)
        health.feel(turn, results, now)
    return counted


def _write(outcomes: Sequence[Outcome], now: datetime) -> int:
    rows = [_row(outcome, now) for outcome in outcomes]
    with prepared() as cursor:
        cursor.execute(RECORD, {"results": json.dumps(rows), "now": now})
        return len(cursor.fetchall())


def _row(outcome: Outcome, now: datetime) -> dict[str, object]:
    return {
        "delivery_id": outcome.claim.delivery_id,
        "number": outcome.claim.number,
        "started_at": outcome.started_at.isoformat(),
        "seconds": outcome.seconds,
        **judge(outcome.result, outcome.claim.attempts, now)._asdict(),
    }


def judge(result: Receipt | DeliveryError, attempts: int, now: datetime) -> Verdict:
    """Turn a result into a verdict. The error's class is the policy."""
    if isinstance(result, Receipt):
        return _landed(result, attempts + 1)
    if isinstance(result, Misconfigured | Unsent):
        return _failed(result, Delivery.State.WAITING, attempts)
    if isinstance(result, Rejected):
        return _failed(result, Delivery.State.REJECTED, attempts + 1)
    if isinstance(result, Uncertain):
        return _failed(result, Delivery.State.UNCERTAIN, attempts + 1)
    wait = retry.delay(attempts + 1)
    if wait is None:
        return _failed(result, Delivery.State.GAVE_UP, attempts + 1)
    return _failed(result, Delivery.State.WAITING, attempts + 1, (now + wait).isoformat())


def _landed(receipt: Receipt, attempts: int) -> Verdict:
    return Verdict(
        state=Delivery.State.DELIVERED,
        attempts=attempts,
        outcome=receipt.outcome,
        status=receipt.status,
        answer=_storable(receipt.answer),
        remote_id=receipt.remote_id[:255],
        remote_url=receipt.remote_url[:500],
    )


def _failed(error: DeliveryError, state: Delivery.State, attempts: int, due_at: str | None = None) -> Verdict:
    return Verdict(
        state=state,
        attempts=attempts,
        due_at=due_at,
        outcome=type(error).__name__.lower(),
        cause=error.cause[:60],
        sentence=error.sentence[:500],
        fix=error.fix[:500],
        who=error.who,
        status=error.status,
        answer=_storable(error.answer),
    )


def _storable(text: str) -> str:
    """Drop what PostgreSQL cannot hold in text."""
    return text.replace("\x00", "").encode(errors="replace").decode()
