"""A drain that stays on the line for the next lead."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from threading import BoundedSemaphore

import pytest
from django.db import connection
from django.utils import timezone
from redis import Redis

from leads import delivery, health, listening, turns, wake
from leads.models import Delivery, Destination, Offer
from tests.factories import make_lead, make_offer
from tests.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

Connect = Callable[..., Destination]


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "STAY", 0.9)
    monkeypatch.setattr(wake, "_silent_until", 0.0)


@pytest.fixture
def offer(connect: Connect) -> Offer:
    return make_offer(routes=(connect(),))


@pytest.fixture
def destination(offer: Offer) -> Destination:
    return offer.destinations.get()


@contextmanager
def lingering(destination: Destination, redis: Redis) -> Iterator[None]:
    """Drain in a thread, and wait until it is on the line."""

    def drain() -> None:
        delivery.drain(destination.pk, linger=True)
        connection.close()

    with ThreadPoolExecutor(1) as thread:
        done = thread.submit(drain)
        wait_for(lambda: bool(redis.exists(f"listening:{destination.pk}")), seconds=10)
        yield
        done.result(20)


def delivered() -> int:
    return Delivery.objects.filter(state=Delivery.State.DELIVERED).count()


def _delivered(number: int) -> bool:
    return delivered() == number


def messages(redis: Redis) -> int:
    return int(redis.llen("celery"))


def test_takes_the_next_lead_without_a_message(offer: Offer, destination: Destination, redis: Redis) -> None:
    make_lead(offer)
    redis.flushdb()
    with lingering(destination, redis):
        for number in range(2, 5):
            make_lead(offer, f"c{number}@example.com")
            wait_for(partial(_delivered, number), seconds=5)
    assert messages(redis) == 0
    assert redis.keys("*:" + str(destination.pk)) == []


def test_gives_the_turn_back_when_nothing_more_comes(offer: Offer, destination: Destination, redis: Redis) -> None:
    make_lead(offer)
    with lingering(destination, redis):
        assert turns.take(destination.pk, timezone.now(), delivery.FIRST_LEASE) is None
    assert turns.take(destination.pk, timezone.now(), delivery.FIRST_LEASE) is not None


def test_holds_the_turn_no_longer_than_a_moment_while_it_waits(
    offer: Offer, destination: Destination, redis: Redis
) -> None:
    make_lead(offer)
    with lingering(destination, redis):
        wait_for(lambda: _turn_ends_in(destination) < delivery.LINGERING.total_seconds() + 0.1, seconds=5)


def test_takes_nothing_more_once_the_destination_is_paused(
    offer: Offer, destination: Destination, redis: Redis
) -> None:
    make_lead(offer)
    with lingering(destination, redis):
        wait_for(lambda: delivered() == 1, seconds=5)
        health.pause(destination)
        make_lead(offer, "late@example.com")
    assert delivered() == 1


def test_after_the_line_is_closed_calls_are_messages_again(
    offer: Offer, destination: Destination, redis: Redis
) -> None:
    make_lead(offer)
    with lingering(destination, redis):
        pass
    redis.delete(f"called:{destination.pk}")
    before = messages(redis)
    make_lead(offer, "late@example.com")
    assert messages(redis) == before + 1


def test_stays_away_where_all_seats_are_taken(
    offer: Offer, destination: Destination, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    none_left = BoundedSemaphore(1)
    none_left.acquire()
    monkeypatch.setattr(listening, "_seats", none_left)
    make_lead(offer)
    assert delivery.drain(destination.pk, linger=True) == 1
    assert not redis.exists(f"listening:{destination.pk}")


def test_ends_where_the_broker_is_away(offer: Offer, destination: Destination, monkeypatch: pytest.MonkeyPatch) -> None:
    make_lead(offer)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        away = Redis(port=silent.getsockname()[1], socket_timeout=0.2, socket_connect_timeout=0.2)
        monkeypatch.setattr(wake, "_broker", lambda: away)
        assert delivery.drain(destination.pk, linger=True) == 1


def _turn_ends_in(destination: Destination) -> float:
    destination.refresh_from_db()
    return (destination.drain_until - timezone.now()).total_seconds() if destination.drain_until else 1e9
