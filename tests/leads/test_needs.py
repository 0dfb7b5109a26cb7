from __future__ import annotations

import pytest
from django.utils import timezone

from leads import health
from leads.failures import Group
from leads.models import Delivery, Destination
from leads.needs import needs
from tests.factories import make_destination, make_lead, make_offer, make_publisher

pytestmark = pytest.mark.django_db


def stop(destination: Destination, state: str, cause: str, sentence: str = "It said no.") -> None:
    Delivery.objects.filter(destination=destination).update(
        state=state, cause=cause, sentence=sentence, finished_at=timezone.now()
    )


def hold(destination: Destination) -> None:
    destination.state, destination.problem = Destination.State.HELD, "It refused our sign-in."
    destination.save()


def shown(found: list[Group]) -> list[tuple[str, str, int]]:
    return [(need.destination.name, need.state, need.count) for need in found]


def test_nothing_is_needed_while_all_is_well() -> None:
    make_lead(make_offer(routes=(make_destination(),)))
    assert needs(make_publisher().pk) == []


def test_a_held_destination_comes_first_with_the_leads_that_wait() -> None:
    refused, held = make_destination("Refused"), make_destination("Held")
    make_lead(make_offer("one", routes=(refused,)))
    stop(refused, "rejected", "http-400")
    offer = make_offer("two", routes=(held,))
    for person in ("ada@example.com", "bob@example.com"):
        make_lead(offer, person)
    hold(held)
    found = needs(make_publisher().pk)
    assert shown(found) == [("Held", "held", 2), ("Refused", "rejected", 1)]
    assert found[0].sentence == "It refused our sign-in."
    assert (found[1].cause, found[1].sentence) == ("http-400", "It said no.")


def test_stopped_leads_are_grouped_by_cause() -> None:
    one, two = make_destination("One"), make_destination("Two")
    offer = make_offer(routes=(one, two))
    for person in ("ada@example.com", "bob@example.com", "cyd@example.com"):
        make_lead(offer, person)
    stop(one, "uncertain", "no-answer")
    stop(two, "rejected", "http-400")
    Delivery.objects.filter(pk=Delivery.objects.filter(destination=two).latest("pk").pk).update(cause="http-422")
    found = needs(make_publisher().pk)
    assert [(need.destination.name, need.state, need.count, need.cause) for need in found] == [
        ("One", "uncertain", 3, "no-answer"),
        ("Two", "rejected", 2, "http-400"),
        ("Two", "rejected", 1, "http-422"),
    ]


def test_a_pause_is_a_need_only_while_leads_wait() -> None:
    destination = make_destination("Paused")
    health.pause(destination)
    assert needs(make_publisher().pk) == []
    make_lead(make_offer(routes=(destination,)))
    assert shown(needs(make_publisher().pk)) == [("Paused", "paused", 1)]


def test_somebody_elses_needs_are_not_mine() -> None:
    other = make_publisher("fabrikam")
    hold(make_destination(publisher=other))
    assert needs(make_publisher().pk) == []
    assert shown(needs(other.pk)) == [("Sales endpoint", "held", 0)]


def test_what_failed_and_waits_for_its_next_try_needs_nobody() -> None:
    destination = make_destination()
    make_lead(make_offer(routes=(destination,)))
    Delivery.objects.update(cause="http-503", sentence="It was away.", attempts=1)
    assert needs(make_publisher().pk) == []


def test_a_destination_that_is_away_is_told_while_no_lead_waits() -> None:
    away = make_destination("Away")
    Destination.objects.update(state="resting", resume_at=timezone.now(), problem="It was away.", problem_who="target")
    [need] = needs(make_publisher().pk)
    assert (need.destination, need.state, need.count, need.who) == (away, "resting", 0, "target")


def test_who_must_act_is_told_for_each() -> None:
    held, refusing = make_destination("Held"), make_destination("Refusing")
    make_lead(make_offer(routes=(held, refusing)))
    hold(held)
    stop(refusing, "gave_up", "http-503")
    assert [(need.state, need.who) for need in needs(None)] == [("held", "publisher"), ("gave_up", "target")]
