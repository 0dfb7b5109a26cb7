from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from django.db import connections
from django.utils import timezone

from leads import delivery, replay
from leads.filters import DeliveryFilter
from leads.models import Delivery, Destination
from tests.factories import make_lead, make_offer
from tests.leads.scripted import Scripted

pytestmark = pytest.mark.django_db

Connect = Callable[..., Destination]


def stop(destination: Destination, state: str, number: int = 1) -> None:
    offer = make_offer(f"offer-{state.replace('_', '-')}", routes=(destination,))
    for n in range(number):
        make_lead(offer, f"{state}{n}@example.com")
    stopped = Delivery.objects.filter(offer=offer)
    stopped.update(state=state, finished_at=None if state == "waiting" else timezone.now(), attempts=8)


def test_a_count_says_how_many_and_how_many_may_double_and_does_nothing(connect: Connect) -> None:
    destination = connect()
    for state in ("rejected", "uncertain", "gave_up", "delivered", "withheld"):
        stop(destination, state)
    assert replay.count(Delivery.objects.all()) == replay.Replay(count=3, may_double=1)
    assert not Delivery.objects.filter(state="waiting").exists()


def test_stopped_deliveries_start_anew(connect: Connect, scripted: type[Scripted]) -> None:
    destination = connect()
    stop(destination, "gave_up", 3)
    assert replay.replay(Delivery.objects.all()).count == 3
    delivery.drain(destination.pk)
    assert set(Delivery.objects.values_list("state", "attempts")) == {("delivered", 1)}


def test_what_landed_or_is_withheld_is_never_sent_again(connect: Connect) -> None:
    destination = connect()
    for state in ("delivered", "withheld"):
        stop(destination, state)
    assert replay.replay(Delivery.objects.all()).count == 0


def test_a_filter_chooses(connect: Connect) -> None:
    one, two = connect("One"), connect("Two")
    stop(one, "rejected", 2)
    stop(two, "gave_up")
    chosen = DeliveryFilter(destination=one.pk).apply(Delivery.objects.all())
    assert replay.replay(chosen).count == 2
    assert Delivery.objects.get(destination=two).state == "gave_up"


def test_a_paused_destination_stays_paused(connect: Connect) -> None:
    destination = connect()
    stop(destination, "rejected")
    Destination.objects.update(state="paused")
    replay.replay(Delivery.objects.all())
    assert Destination.objects.get().state == "paused"


def test_a_held_destination_tries_one_lead(connect: Connect) -> None:
    destination = connect()
    stop(destination, "waiting")
    Destination.objects.update(state="held", problem="Refused.")
    replay.replay(Delivery.objects.all())
    assert Destination.objects.get().state == "resting"


@pytest.mark.django_db(transaction=True)
def test_pressed_twice_at_once_sends_once(connect: Connect, scripted: type[Scripted]) -> None:
    destination = connect()
    stop(destination, "rejected")
    barrier = Barrier(4)

    def press() -> None:
        barrier.wait()
        replay.replay(Delivery.objects.all())
        delivery.drain(destination.pk)
        connections.close_all()

    threads = [Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    delivery.drain(destination.pk)
    assert len(scripted.sent) == 1
