"""What a replay sends: chosen at once, as somebody saw it, and marked in parts, as many rows take seconds to mark."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import BooleanField, Exists, ExpressionWrapper, F, Func, OuterRef, Q, QuerySet

from leads.models import Delivery, Replay, ReplayPart
from leads.progress import DOUBTFUL, REPLAYABLE

PART = 500
"""Deliveries that are marked in one transaction."""
# The inner query is made by the ORM of the deliveries in question. Their keys do not leave the database.
CHOOSE = """
WITH chosen AS MATERIALIZED (
    SELECT id, publisher_id, doubtful, row_number() OVER (ORDER BY id) - 1 AS place FROM ({each}) AS each
),
part AS (
    INSERT INTO leads_replaypart (replay_id, deliveries)
    SELECT %s, array_agg(id ORDER BY place) FROM chosen GROUP BY place / %s
)
SELECT count(*), count(*) FILTER (WHERE doubtful), array_agg(DISTINCT publisher_id) FROM chosen
"""


def free(deliveries: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Keep what can be sent again and is in no replay that is under way."""
    chosen = ReplayPart.objects.values_list(Func(F("deliveries"), function="unnest"))
    return _unmarked(deliveries).exclude(pk__in=chosen)


@transaction.atomic
def choose(deliveries: QuerySet[Delivery], *, filters: Mapping[str, Any], by: User | None) -> Replay | None:
    """Write down what is to be sent again; None where nothing of it can be, or all of it is being replayed already."""
    _take_turns()
    replay = Replay.objects.create(started_by=by, filters=dict(filters), total=0)
    total, may_double, publishers = _write_parts(replay, free(deliveries))
    if not total:
        replay.delete()
        return None
    replay.total, replay.may_double = total, may_double
    replay.publisher_id = publishers[0] if len(publishers) == 1 else None
    replay.save()
    return replay


def mark(replay: Replay) -> bool:
    """Mark the next part, with the replay's row locked; tell whether there are more.

    What cannot be sent again any more, because it has landed meanwhile, is no longer counted.
    """
    part = replay.parts.order_by("pk")[0]
    # In order of their keys, so that two replays that meet wait for each other and do not deadlock.
    chosen = Delivery.objects.filter(pk__in=part.deliveries)
    locked = _unmarked(chosen).select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True)
    keys = list(locked)
    Delivery.objects.filter(pk__in=keys).update(replay=replay, put_back_at=None)
    part.delete()
    replay.total -= len(part.deliveries) - len(keys)
    more = replay.parts.exists()
    if not more:
        replay.may_double = replay.deliveries.filter(DOUBTFUL).count()
    replay.save()
    return more


def _unmarked(deliveries: QuerySet[Delivery]) -> QuerySet[Delivery]:
    # Said of replays that have ended: one that began after this statement did is not seen, and so not taken for ended.
    ended = Replay.objects.filter(pk=OuterRef("replay"), finished_at__isnull=False)
    return deliveries.order_by().filter(REPLAYABLE, Q(replay=None) | Exists(ended))


def _write_parts(replay: Replay, chosen: QuerySet[Delivery]) -> tuple[int, int, list[int]]:
    """Return how many were chosen, how many of them may double, and the keys of their publishers."""
    doubtful = ExpressionWrapper(DOUBTFUL, BooleanField())
    each = chosen.values("id", "publisher_id", doubtful=doubtful)
    sql, parameters = each.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(CHOOSE.format(each=sql), [*parameters, replay.pk, PART])
        total, may_double, publishers = cursor.fetchone()
    return total, may_double, publishers


def _take_turns() -> None:
    """Let nobody else choose before this transaction has ended, so that what is pressed twice is one replay."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('leads.choosing'))")
