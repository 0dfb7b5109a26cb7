"""Leads are sent again by real workers: pressed twice, against a scheduled try, while a worker dies."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connections
from django.utils import timezone

from connectors import behaviours
from connectors.fakes import FakeServer, Line, Recorded
from leads import replay, wake
from leads.models import Attempt, Delivery, Offer, Replay
from tests.factories import make_destination, make_lead, make_offer
from tests.live import StartWorkers
from tests.waiting import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

Tell = Callable[[str], None]

LEADS = 300
SLOW = 0.02
"""Seconds the receiver takes, so that a worker that dies has leads in hand."""


def take_your_time(request: Recorded, line: Line) -> None:
    time.sleep(SLOW)
    behaviours.answer(200)(request, line)


@pytest.fixture
def receiver(live_environment: dict[str, str]) -> Iterator[FakeServer]:
    with FakeServer(take_your_time) as server:
        live_environment["OUTBOUND_CONNECT_TO"] = f"leads.contoso.example={server.url}"
        yield server


@pytest.fixture
def offer(receiver: FakeServer) -> Offer:
    return make_offer(routes=(make_destination(),))


def refused(offer: Offer, number: int) -> None:
    """Make leads that were refused long ago, before any worker runs."""
    for n in range(number):
        make_lead(offer, f"customer{n}@example.com")
    told = {"state": "rejected", "finished_at": timezone.now(), "attempts": 1, "cause": "http-422", "sentence": "No."}
    Delivery.objects.update(**told)


def send_again() -> Replay | None:
    return replay.start(Delivery.objects.all(), filters={}, by=None)


def at_once(*acts: Callable[[], object]) -> list[object]:
    barrier, answers = Barrier(len(acts)), []

    def act_together(act: Callable[[], object]) -> None:
        barrier.wait()
        try:
            answers.append(act())
        finally:
            connections.close_all()

    threads = [Thread(target=act_together, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def ids(receiver: FakeServer) -> Counter[str]:
    return Counter(request.headers["webhook-id"] for request in receiver.requests)


def test_pressed_by_three_at_once_each_lead_is_sent_once_the_first_alone(
    offer: Offer, receiver: FakeServer, celery_worker_process: StartWorkers, tell: Tell
) -> None:
    refused(offer, LEADS)
    celery_worker_process(n=2)
    begun = [found for found in at_once(send_again, send_again, send_again) if found]
    assert len(begun) == 1
    wait_for(lambda: Replay.objects.get().state == "done", seconds=60)
    tell(f"Pressed by three at once: {len(receiver.requests)} requests for {LEADS} leads.")
    assert set(ids(receiver).values()) == {1}
    assert len(ids(receiver)) == LEADS == Replay.objects.get().landed
    first, second = Attempt.objects.order_by("started_at")[:2]
    assert second.started_at > Delivery.objects.get(pk=first.delivery_id).finished_at  # type: ignore[operator] # it has ended


def test_pressed_while_a_try_comes_due_the_lead_is_sent_once(
    offer: Offer, receiver: FakeServer, celery_worker_process: StartWorkers, tell: Tell
) -> None:
    rounds = 25
    destination = offer.destinations.get()
    make_lead(offer)
    Delivery.objects.update(due_at=timezone.now() + timedelta(hours=1), attempts=1)
    celery_worker_process(n=2)
    for number in range(1, rounds + 1):
        Delivery.objects.update(
            state="waiting", attempts=1, due_at=timezone.now(), finished_at=None, replay=None, put_back_at=None
        )
        at_once(send_again, send_again, lambda: wake.insist([destination.pk]))
        wait_for(lambda: Delivery.objects.get().state == "delivered", seconds=20)
        assert len(receiver.requests) == number
    assert Attempt.objects.count() == rounds
    tell(f"Pressed twice while a try came due, {rounds} times: {len(receiver.requests)} requests.")


@pytest.mark.usefixtures("celery_beat_process")
def test_a_worker_that_dies_changes_nothing(
    offer: Offer, receiver: FakeServer, celery_worker_process: StartWorkers, tell: Tell
) -> None:
    refused(offer, LEADS)
    [worker] = celery_worker_process()
    send_again()
    wait_for(lambda: len(receiver.requests) > LEADS / 4, seconds=30)
    worker.kill9()
    celery_worker_process()
    wait_for(lambda: Replay.objects.get().state not in Replay.OPEN, seconds=120)
    doubled = sum(times - 1 for times in ids(receiver).values())
    lost = Attempt.objects.filter(outcome="lost").count()
    tell(f"{LEADS} leads sent again, 1 kill: {doubled} requests doubled, {lost} claims taken back.")
    ended = Replay.objects.get()
    assert (ended.state, ended.landed) == ("done", LEADS)
    assert len(ids(receiver)) == LEADS
    assert doubled <= lost, "only what a dead worker had in hand may be sent twice"
