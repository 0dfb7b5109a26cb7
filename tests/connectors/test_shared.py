"""What workers share holds between processes, and for one alone while Redis is away."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from pytest_django.fixtures import Settings
from redis import Redis

from connectors import shared, store
from connectors.shared import park, parked, tally
from tests.connectors.workers import together

DAY = date(2026, 11, 22)


@pytest.fixture(autouse=True)
def _forget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_away_until", 0.0)
    for kept in (shared._counted, shared._unsaid, shared._parked):  # noqa: SLF001 - a process that has just begun
        kept.clear()


def go_away(settings: Settings) -> None:
    settings.REDIS_URL = "unix:///nowhere/redis.sock"


def test_four_processes_count_together() -> None:
    counts = together("count", [{"key": "w2l:00D", "day": DAY.isoformat(), "times": 50}] * 4)
    assert sorted(number for one in counts for number in one) == list(range(1, 201))
    assert tally("w2l:00D", DAY, 0) == 200


def test_each_day_and_key_is_counted_apart_and_forgotten_in_time(redis: Redis) -> None:
    assert [tally("a", DAY), tally("a", DAY, 5), tally("b", DAY), tally("a", DAY + timedelta(days=1))] == [1, 6, 1, 1]
    assert all(0 < redis.ttl(key) <= shared.TALLIES_KEPT for key in redis.keys("*"))


def test_what_was_counted_while_redis_was_away_is_told_when_it_is_back(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = settings.REDIS_URL
    tally("a", DAY, 10)
    go_away(settings)
    assert [tally("a", DAY), tally("a", DAY, 2), tally("a", DAY, 0)] == [11, 13, 13]
    settings.REDIS_URL = here
    monkeypatch.setattr(store, "_away_until", 0.0)
    assert tally("a", DAY) == 14
    assert tally("a", DAY, 0) == 14


def test_a_redis_that_is_away_is_left_alone_for_a_while(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    go_away(settings)
    for _ in range(3):
        tally("a", DAY)
    [told] = caplog.messages
    assert told.startswith("Redis is away")


def test_a_target_is_parked_for_everybody_until_its_time(redis: Redis) -> None:
    until = datetime.now(UTC) + timedelta(minutes=5)
    assert parked("crm") is None
    park("crm", until)
    shared._parked.clear()  # noqa: SLF001 - as another process sees it
    assert parked("crm") == until
    assert parked("other") is None
    assert 0 < redis.pttl("parked:crm") <= 300_000
    park("crm", datetime.now(UTC) - timedelta(seconds=1))
    assert parked("crm") is None


def test_parking_holds_without_redis(settings: Settings) -> None:
    go_away(settings)
    until = datetime.now(UTC) + timedelta(minutes=5)
    park("crm", until)
    assert parked("crm") == until


def test_a_process_remembers_so_much_and_no_more(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared, "MOST_KEPT", 3)
    for number in range(10):
        tally(str(number), DAY)
        park(str(number), datetime.now(UTC) + timedelta(minutes=5))
    assert len(shared._counted) <= 4  # noqa: SLF001 - what memory holds is the point
    assert len(shared._parked) <= 4  # noqa: SLF001
