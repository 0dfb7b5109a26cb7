"""Pacing holds over processes, whoever dies, and for one alone while Redis is away."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from time import monotonic, sleep

import pytest
from pytest_django.fixtures import Settings

from connectors import store
from connectors.errors import Unavailable, Unsent
from connectors.shared import Bucket
from tests.connectors.workers import start, together

Span = list[float]


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_away_until", 0.0)


def most_at_once(spans: list[Span]) -> int:
    return max(sum(began <= moment < ended for began, ended in spans) for moment, _ in spans)


def most_within(spans: list[Span], seconds: float) -> int:
    begins = sorted(began for began, _ in spans)
    return max(sum(first <= other < first + seconds for other in begins) for first in begins)


def test_four_processes_never_exceed_the_pace_nor_waste_it() -> None:
    bucket = {"key": "123-ABC-456", "calls": 10, "seconds": 1.0, "at_once": 2}
    began = monotonic()
    answers = together("call", [{"bucket": bucket, "calls": 10, "threads": 3, "takes": 0.02}] * 4)
    spans = [span for one in answers for span in one]
    assert len(spans) == 40
    assert most_within(spans, 1.0) <= 10
    assert most_at_once(spans) <= 2
    assert monotonic() - began < 15


@pytest.mark.parametrize("redis_is", ["there", "away"])
def test_threads_keep_to_it(redis_is: str, settings: Settings) -> None:
    if redis_is == "away":
        settings.REDIS_URL = "unix:///nowhere/redis.sock"
    bucket = Bucket(f"threads-{redis_is}", calls=5, seconds=0.5, at_once=2)
    spans: list[Span] = []

    def call(_: int) -> None:
        with bucket.enter(10):
            began = monotonic()
            sleep(0.02)
            spans.append([began, monotonic()])

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(call, range(15)))
    assert most_at_once(spans) <= 2
    assert most_within(spans, 0.5) <= 5
    assert len(spans) == 15


@pytest.mark.parametrize("redis_is", ["there", "away"])
def test_who_would_wait_too_long_is_told_when_to_come_again(redis_is: str, settings: Settings) -> None:
    if redis_is == "away":
        settings.REDIS_URL = "unix:///nowhere/redis.sock"
    bucket = Bucket(f"full-{redis_is}", calls=1, seconds=30, at_once=1)
    with bucket.enter(1):
        pass
    began = monotonic()
    with pytest.raises(Unavailable) as caught, bucket.enter(20):
        pytest.fail("There was no room.")
    assert monotonic() - began < 10
    assert isinstance(caught.value, Unsent)
    assert caught.value.cause == "pace"
    assert caught.value.retry_after == pytest.approx(30, abs=1)


def test_a_slot_that_is_held_is_waited_for_no_longer_than_allowed() -> None:
    bucket = Bucket("held", calls=100, seconds=1, at_once=1)
    with bucket.enter(1):
        began = monotonic()
        with pytest.raises(Unavailable), bucket.enter(0.3):
            pytest.fail("There was no room.")
        assert 0.25 < monotonic() - began < 5
    with bucket.enter(0.3):
        pass


def test_the_slot_of_a_process_that_was_killed_comes_back() -> None:
    settings = {"key": "killed", "calls": 100, "seconds": 0.1, "at_once": 1, "lease": 3.0}
    program = start("call", {"bucket": settings, "calls": 1, "threads": 1, "takes": 60})
    assert program.stdin
    assert program.stdout
    program.stdout.readline()
    program.stdin.write("go\n")
    program.stdin.flush()
    bucket = Bucket("killed", calls=100, seconds=0.1, at_once=1, lease=3.0)
    _await_holder(bucket)
    program.kill()
    program.communicate()
    began = monotonic()
    with bucket.enter(20):
        assert 0.2 < monotonic() - began < 10


def test_buckets_of_other_keys_are_other_buckets() -> None:
    with Bucket("one", calls=1, seconds=30, at_once=1).enter(1), Bucket("two", calls=1, seconds=30, at_once=1).enter(1):
        pass


def _await_holder(bucket: Bucket) -> None:
    for _ in range(200):
        try:
            with bucket.enter(0):
                pass
        except Unavailable:
            return
        sleep(0.02)
    pytest.fail("Nobody took the slot.")
