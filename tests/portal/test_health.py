from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from threading import Event

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from portal.views import health


@pytest.fixture
def hanging() -> Iterator[Event]:
    """Give a part that does not answer until the test is over."""
    over = Event()
    yield over
    over.set()


def test_the_process_is_alive_without_asking_the_database(client: Client) -> None:
    # Without the mark for it, a test that touches the database fails.
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "alive"})


@pytest.mark.django_db(transaction=True)
def test_the_site_is_ready_when_database_and_broker_answer(client: Client) -> None:
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (200, {"status": "ready", "not_ready": []})


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_away_is_named(client: Client, settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1"
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (503, {"status": "not ready", "not_ready": ["broker"]})


@pytest.mark.django_db(transaction=True)
def test_a_database_that_hangs_is_named_in_time(
    client: Client, monkeypatch: pytest.MonkeyPatch, hanging: Event
) -> None:
    monkeypatch.setitem(health.PARTS, "database", lambda: hanging.wait(30))
    begun = time.monotonic()
    response = client.get("/readyz")
    assert time.monotonic() - begun < 5
    assert (response.status_code, response.json()["not_ready"]) == (503, ["database"])


@pytest.mark.django_db(transaction=True)
def test_probes_that_hang_do_not_pile_up(client: Client, monkeypatch: pytest.MonkeyPatch, hanging: Event) -> None:
    monkeypatch.setattr(health, "PATIENCE", 0.05)
    monkeypatch.setitem(health.PARTS, "database", lambda: hanging.wait(30))
    for _ in range(10):
        assert client.get("/readyz").status_code == 503
    assert sum(thread.name.startswith("readyz") for thread in threading.enumerate()) <= 4


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_never_cached_and_only_read(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405
    assert "no-store" in client.get("/healthz")["Cache-Control"]


@pytest.mark.django_db
def test_health_asks_nothing_of_the_session(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        client.get("/healthz")
