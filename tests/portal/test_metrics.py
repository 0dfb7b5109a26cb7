from __future__ import annotations

import re

import pytest
from django.test import Client
from pytest_django import Settings
from redis import Redis

from leads import gauges
from portal.views import metrics
from tests.factories import make_destination, make_lead, make_offer

pytestmark = pytest.mark.django_db

TOKEN = "a-long-token"
LINE = re.compile(r'^portal_[a-z_]+(\{[a-z]+="[a-z_]+"\})? [0-9.e+]+$')


@pytest.fixture(autouse=True)
def token(settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN


def ask(client: Client, token: str = TOKEN) -> tuple[int, str]:
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {token}"})
    return answer.status_code, answer.content.decode()


def test_it_tells_where_things_stand_in_the_format_of_prometheus(client: Client, redis: Redis) -> None:
    make_lead(make_offer(routes=(make_destination(),)))
    redis.delete("celery")
    redis.rpush("celery", "one", "two")
    status, text = ask(client)
    assert status == 200
    lines = text.splitlines()
    for line in (
        'portal_deliveries{state="waiting"} 1.0',
        'portal_destinations{state="active"} 1.0',
        "portal_calls_waiting 2.0",
        "portal_broker_up 1",
        "portal_mails_waiting 0.0",
        "# TYPE portal_oldest_due_seconds gauge",
    ):
        assert line in lines
    assert [line for line in lines if not line.startswith("# ") and not LINE.match(line)] == []


def test_every_gauge_that_is_read_has_its_meaning(client: Client) -> None:
    make_lead(make_offer(routes=(make_destination(),)))
    _, text = ask(client)
    assert {gauge.name for gauge in gauges.read()} <= metrics.HELP.keys()
    assert text.count("# HELP ") == len(metrics.HELP)


def test_large_numbers_are_not_rounded(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gauges, "read", lambda: [gauges.Gauge("deliveries", "waiting", 12_345_678.0)])
    assert 'portal_deliveries{state="waiting"} 12345678.0\n' in ask(client)[1]


def test_a_broker_that_is_away_is_said_to_be(client: Client, settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1"
    status, text = ask(client)
    assert (status, "portal_broker_up 0\n" in text) == (200, True)
    assert not re.search(r"^portal_calls_waiting ", text, re.MULTILINE)


def test_a_slow_database_is_said_to_be(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gauges, "PATIENCE", 50)
    monkeypatch.setattr(gauges, "READ", "SELECT pg_sleep(5), %(now)s, %(since)s")
    assert ask(client) == (503, "The database did not answer in time.\n")


@pytest.mark.parametrize("given", ["", "wrong", f"{TOKEN}x", "Wörter"])
def test_who_does_not_know_the_token_learns_nothing(client: Client, given: str) -> None:
    status, text = ask(client, given)
    assert status == 401
    assert "portal_" not in text


def test_without_a_token_there_is_no_such_page(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = ""
    assert ask(client, "")[0] == 404
    assert ask(client)[0] == 404
