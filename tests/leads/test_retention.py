from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from leads import delivery, retention, tasks
from leads.models import Attempt, Delivery, Destination
from tests.factories import make_lead, make_offer

pytestmark = pytest.mark.django_db


@pytest.fixture
def tried(connect: Callable[..., Destination]) -> list[Attempt]:
    """Deliver four leads, 40, 31, 29 and 0 days ago."""
    place = connect()
    offer = make_offer(routes=(place,))
    for number in range(4):
        make_lead(offer, f"{number}@example.com")
    delivery.drain(place.pk)
    for attempt, days in zip(Attempt.objects.order_by("pk"), (40, 31, 29, 0), strict=True):
        Attempt.objects.filter(pk=attempt.pk).update(started_at=timezone.now() - timedelta(days=days))
    return list(Attempt.objects.order_by("pk"))


def answers() -> list[str]:
    return list(Attempt.objects.order_by("pk").values_list("answer", flat=True))


def test_answers_are_dropped_after_thirty_days_and_nothing_else(tried: list[Attempt]) -> None:
    before = list(Attempt.objects.order_by("pk").values("number", "outcome", "status", "seconds", "started_at"))
    deliveries = list(Delivery.objects.order_by("pk").values())
    tasks.prune()
    assert answers() == ["", "", "thank you", "thank you"]
    assert list(Attempt.objects.order_by("pk").values("number", "outcome", "status", "seconds", "started_at")) == before
    assert list(Delivery.objects.order_by("pk").values()) == deliveries
    assert retention.look() == 0


def test_how_long_is_a_setting(tried: list[Attempt], settings: Settings) -> None:
    settings.ANSWERS_KEPT_DAYS = 35
    assert retention.look() == 1
    assert [retention.dropped(attempt) for attempt in tried] == [True, False, False, False]


def test_it_works_in_batches_and_stops_in_time(tried: list[Attempt], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 1)
    monkeypatch.setattr(retention, "MOST", 1)
    assert retention.look() == 1
    assert answers() == ["", "thank you", "thank you", "thank you"]
    monkeypatch.setattr(retention, "MOST", 9)
    with CaptureQueriesContext(connection) as seen:
        assert retention.look() == 1
    assert len(seen) == 2


def test_it_reads_no_more_than_what_it_drops(tried: list[Attempt]) -> None:
    with CaptureQueriesContext(connection) as seen, connection.cursor() as cursor:
        retention.look()
        # A table of four rows can be read in any way; of those that go by an order, only one index serves.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute("EXPLAIN " + seen[0]["sql"])
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "attempt_answers" in plan
