from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from connectors.errors import Rejected
from leads import delivery, gauges, replay
from leads.gauges import TooSlow
from leads.models import Attempt, Delivery, Destination
from tests.factories import make_lead, make_offer, make_publisher
from tests.leads.scripted import Scripted

pytestmark = pytest.mark.django_db

Connect = Callable[..., Destination]


def read() -> dict[tuple[str, str], float]:
    return {(gauge.name, gauge.of): gauge.value for gauge in gauges.read()}


def send(place: Destination, offer_id: str, number: int = 1) -> None:
    offer = make_offer(offer_id, routes=(place,))
    for each in range(number):
        make_lead(offer, f"{offer_id}{each}@example.com")


def test_of_an_empty_portal_there_is_nothing_late() -> None:
    assert read() == {("oldest_due_seconds", ""): 0, ("mails_waiting", ""): 0, ("replays_open", ""): 0}


def test_deliveries_are_counted_where_they_stand_and_what_is_delivered_is_not(
    connect: Connect, scripted: type[Scripted]
) -> None:
    well, held, away = connect("Well"), connect("Held"), connect("Away")
    send(well, "done", 2)
    delivery.drain(well.pk)
    scripted.answer = staticmethod(lambda _: Rejected("No.", cause="http-422"))
    send(well, "refused", 3)
    delivery.drain(well.pk)
    send(well, "new")
    send(held, "held", 4)
    send(away, "away", 5)
    Destination.objects.filter(pk=held.pk).update(state="held", problem="It refused the sign-in.")
    Destination.objects.filter(pk=away.pk).update(state="resting", resume_at=timezone.now())
    found = read()
    assert {of: value for (name, of), value in found.items() if name == "deliveries"} == {
        "rejected": 3,
        "waiting": 1,
        "held": 4,
        "resting": 5,
    }
    assert {of: value for (name, of), value in found.items() if name == "destinations"} == {
        "active": 1,
        "held": 1,
        "resting": 1,
    }
    assert {of: value for (name, of), value in found.items() if name == "recent_attempts"} == {
        "created": 2,
        "rejected": 3,
    }


def test_the_oldest_that_is_due_is_late_unless_its_destination_takes_none(connect: Connect) -> None:
    well, held = connect("Well"), connect("Held")
    send(well, "one", 2)
    send(held, "two")
    Destination.objects.filter(pk=held.pk).update(state="held", problem="It refused the sign-in.")
    now = timezone.now()
    Delivery.objects.filter(destination=held).update(due_at=now - timedelta(hours=9))
    assert read()[("oldest_due_seconds", "")] < 5
    first = Delivery.objects.filter(destination=well).earliest("pk")
    Delivery.objects.filter(pk=first.pk).update(due_at=now - timedelta(minutes=3))
    assert 180 <= read()[("oldest_due_seconds", "")] < 190
    Delivery.objects.filter(destination=well).update(due_at=now + timedelta(minutes=3))
    assert read()[("oldest_due_seconds", "")] == 0


def test_tries_of_long_ago_are_not_counted(connect: Connect, scripted: type[Scripted]) -> None:
    place = connect()
    send(place, "one", 2)
    delivery.drain(place.pk)
    Attempt.objects.filter(pk=Attempt.objects.earliest("pk").pk).update(started_at=timezone.now() - 2 * gauges.WINDOW)
    assert read()[("recent_attempts", "created")] == 1


def test_what_is_being_sent_again_is_counted(connect: Connect) -> None:
    send(connect(), "one", 2)
    Delivery.objects.update(state="rejected", cause="http-422", finished_at=timezone.now())
    replay.start(make_publisher().deliveries.all(), filters={}, by=None)
    assert read()[("replays_open", "")] == 1


def test_a_database_that_takes_too_long_is_let_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gauges, "PATIENCE", 50)
    monkeypatch.setattr(gauges, "READ", "SELECT pg_sleep(5), %(now)s, %(since)s")
    with pytest.raises(TooSlow):
        gauges.read()
    assert not Delivery.objects.exists(), "the connection is as good as before"
