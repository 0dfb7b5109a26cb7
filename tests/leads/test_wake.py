from __future__ import annotations

import logging
import socket
import time
from collections.abc import Iterator

import pytest
from celery import Celery, current_app
from redis import Redis

from leads import wake
from portal.celery import app


@pytest.fixture(autouse=True)
def breaker_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wake, "_silent_until", 0.0)


@pytest.fixture
def silent_broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A broker that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        silent = Celery("silent", broker=f"redis://127.0.0.1:{server.getsockname()[1]}/0", set_as_current=False)
        silent.conf.broker_transport_options = app.conf.broker_transport_options
        monkeypatch.setattr(wake, "current_app", silent)
        yield


def test_a_wake_up_is_one_message_per_destination_with_nothing_but_its_id(redis: Redis) -> None:
    wake.send({7, 3})
    messages = [str(message) for message in redis.lrange("celery", 0, -1)]
    assert len(messages) == 2
    assert all("leads.drain" in message for message in messages)


def test_a_broker_that_hangs_costs_a_moment_once_and_is_left_alone_then(
    silent_broker: None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    began = time.monotonic()
    wake.send([1, 2, 3])
    wake.send([4])
    assert time.monotonic() - began < 4.5
    assert caplog.text.count("The broker is away") == 1


def test_the_application_that_sends_is_the_portals() -> None:
    assert current_app.main == "portal"
