from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from leads.models import PublicationStep
from portal.writing import DASH, ago, clock, duration, moment, number, took

NOW = datetime(2026, 3, 10, 8, 40, tzinfo=UTC)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.mark.parametrize(("value", "words"), [(None, DASH), (0, DASH), (7, "7"), (1284, "1,284")])
def test_numbers_keep_their_thousands_apart_and_none_is_a_dash(value: float | None, words: str) -> None:
    assert number(value) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, DASH),
        (0.031, "31 ms"),
        (0.8, "0.8 s"),
        (180, "3 min"),
        (9_000, "2.5 h"),
        (276_480, "3.2 days"),
    ],
)
def test_durations_are_said_as_a_person_would(seconds: float | None, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (NOW, "today 08:40"),
        (NOW - timedelta(hours=9), "yesterday 23:40"),
        (NOW - timedelta(days=9), "1 Mar 08:40"),
        (NOW - timedelta(days=90), "10 Dec 2025"),
    ],
)
def test_times_are_written_as_near_as_they_are(at: datetime, words: str) -> None:
    assert moment(at) == f'<time datetime="{at.isoformat()}">{words}</time>'
    assert moment(None) == DASH


def test_todays_times_need_no_day() -> None:
    assert ">08:40<" in clock(NOW)
    assert ">yesterday 08:40<" in clock(NOW - timedelta(days=1))
    assert clock(None) == DASH


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(59, "just now"), (180, "3 min ago"), (3 * 3600, "3 h ago"), (9000, "2.5 h ago"), (3 * 86_400, "3 days ago")],
)
def test_how_long_ago_something_was(seconds: float, words: str) -> None:
    assert f">{words}<" in ago(NOW - timedelta(seconds=seconds))
    assert ago(None) == "never"


def test_what_has_not_ended_took_no_time_yet() -> None:
    step = PublicationStep(started_at=NOW)
    assert took(step) is None
    step.finished_at = NOW + timedelta(seconds=2)
    assert took(step) == 2
