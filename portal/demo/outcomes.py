"""What became of the demo's past leads: delivered, a few late or refused, and those of a broken destination waiting."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from django.db import connection

from connectors.errors import DeliveryError, Misconfigured, Rejected, Unavailable
from leads import health
from leads.models import Attempt, Delivery, Destination

LATE, REFUSED = 0.03, 0.006
"""Which part of the deliveries needed a second try, or was refused."""
QUEUED, LATER = timedelta(milliseconds=120), timedelta(seconds=43)
"""How long after a lead came in it was first tried, and tried again."""

FOLLOW = """
UPDATE leads_delivery SET
    state = CASE last.outcome WHEN 'created' THEN 'delivered' ELSE last.outcome END,
    attempts = last.number, claims = last.number, cause = last.cause, sentence = last.sentence,
    finished_at = last.started_at + last.seconds * interval '1 second',
    remote_id = coalesce(last.answer::json ->> 'id', ''),
    landing = CASE WHEN last.outcome = 'created' THEN %(landing)s ELSE '' END,
    landing_checked_at = CASE WHEN last.outcome = 'created' AND %(landing)s <> '' THEN %(now)s END
FROM (
    SELECT DISTINCT ON (delivery_id) leads_attempt.* FROM leads_attempt
    JOIN leads_delivery delivery ON delivery.id = delivery_id
    WHERE delivery.destination_id = %(destination)s
    ORDER BY delivery_id, number DESC
) AS last
WHERE leads_delivery.id = last.delivery_id
"""


def settle(destination: Destination, broken_since: datetime | None, now: datetime, *, refuses: bool) -> None:
    """Let a destination have answered all that came before it broke, and none since; ``refuses``: a few were refused.

    Where leads can be looked for, these were: no record of them is in the sandbox, which knows the living only.
    """
    random = Random(destination.name)  # noqa: S311 - a story, not a secret
    waiting = destination.deliveries.filter(state=Delivery.State.WAITING).order_by("created_at", "pk")
    past = waiting.filter(created_at__lt=broken_since) if broken_since else waiting
    tried = [attempt for delivery in past for attempt in _tries(delivery, random, refuses=refuses)]
    Attempt.objects.bulk_create(tried)
    with connection.cursor() as cursor:
        landing = Delivery.Landing.LANDED.value if destination.provable else ""
        cursor.execute(FOLLOW, {"destination": destination.pk, "landing": landing, "now": now})
    first = waiting.first()
    if broken_since and first:
        _break(destination, first)


def _tries(delivery: Delivery, random: Random, *, refuses: bool) -> Iterator[Attempt]:
    fate, at = random.random(), delivery.created_at + QUEUED
    if refuses and fate < REFUSED:
        answer = json.dumps({"error": "No territory is assigned."})
        yield _failure(delivery, at, Rejected("It refused this lead (422).", cause="http-422", status=422), answer)
        return
    if fate < REFUSED + LATE:
        away = Unavailable("It is unavailable (503).", cause="http-503", status=503)
        yield _failure(delivery, at, away, json.dumps({"error": "Closed for maintenance."}))
    late = fate < REFUSED + LATE
    yield Attempt(
        delivery=delivery,
        number=2 if late else 1,
        outcome="created",
        status=201,
        answer=json.dumps({"id": f"L-{random.randrange(100_000, 1_000_000)}"}),
        started_at=at + LATER if late else at,
        seconds=round(min(2.5, random.lognormvariate(-1.7, 0.5)), 3),
    )


def _break(destination: Destination, first: Delivery) -> None:
    """Refuse the sign-in at the first lead; it and all that followed wait, unspent."""
    error = Misconfigured(
        "It refused the sign-in (401).",
        cause="sign-in",
        fix="Compare the sign-in settings here with what it expects, and save the right ones.",
        status=401,
    )
    at = first.created_at + QUEUED
    _failure(first, at, error, json.dumps({"error": "The key is not known here."})).save()
    Delivery.objects.filter(pk=first.pk).update(claims=1, cause=error.cause, sentence=error.sentence)
    health.hold(Destination.objects.filter(pk=destination.pk), error, at)


def _failure(delivery: Delivery, at: datetime, error: DeliveryError, answer: str) -> Attempt:
    return Attempt(
        delivery=delivery,
        number=1,
        outcome=type(error).__name__.lower(),
        cause=error.cause,
        sentence=error.sentence,
        status=error.status,
        answer=answer,
        started_at=at,
        seconds=0.09,
    )
