from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from connectors.errors import DeliveryError, Misconfigured, Rejected, Unavailable
from leads import delivery, destinations, health, retry
from leads.failures import Group, groups
from leads.failures_sql import COUNT
from leads.filters import DeliveryFilter
from leads.models import Attempt, Delivery, Destination, DestinationVersion, Offer
from tests.factories import make_lead, make_member, make_offer, make_publisher
from tests.leads.scripted import Scripted, accept

pytestmark = pytest.mark.django_db

Connect = Callable[..., Destination]


@pytest.fixture
def place(connect: Connect) -> Destination:
    return connect()


@pytest.fixture
def offer(place: Destination) -> Offer:
    return make_offer(routes=(place,))


def fail(place: Destination, error: DeliveryError, *offers: Offer, times: int = 1) -> None:
    """Let leads of these offers come in and meet an error, for as often as they are tried."""
    Scripted.answer = staticmethod(lambda _: error)
    for number, offer in enumerate(offers):
        make_lead(offer, f"customer{number}-{offer.pk}-{timezone.now().timestamp()}@example.com")
    for _ in range(times):
        Destination.objects.filter(state="resting").update(state="active")
        Delivery.objects.filter(state="waiting").update(due_at=timezone.now())
        delivery.drain(place.pk)
    Scripted.answer = staticmethod(accept)


def only() -> Group:
    [group] = groups(make_publisher().pk)
    return group


def refused(cause: str = "http-422", sentence: str = "No country is named.", fix: str = "Map the country.") -> Rejected:
    return Rejected(sentence, cause=cause, fix=fix, status=422)


AWAY = Unavailable("It is away (503).", cause="http-503", status=503)
LOCKED = Misconfigured("It refused the sign-in.", cause="sign-in", fix="Enter the password again.")


def test_what_goes_well_is_no_failure(place: Destination, offer: Offer) -> None:
    make_lead(offer, "one@example.com")
    delivery.drain(place.pk)
    make_lead(offer, "two@example.com")
    make_lead(offer, "three@example.com", consent=False)
    assert groups(make_publisher().pk) == []


def test_failures_are_told_by_destination_and_cause_the_most_first(connect: Connect, offer: Offer) -> None:
    other = connect("Other")
    second = make_offer("second", routes=(other,))
    place = Destination.objects.get(name="Sales endpoint")
    fail(place, refused(), offer, offer, offer)
    fail(place, refused("http-413"), offer)
    fail(other, refused(), second, second)
    found = [(group.destination.name, group.cause, group.count) for group in groups(make_publisher().pk)]
    assert found == [("Sales endpoint", "http-422", 3), ("Other", "http-422", 2), ("Sales endpoint", "http-413", 1)]


def test_a_group_says_what_happened_who_must_act_and_how(place: Destination, offer: Offer) -> None:
    other = make_offer("other", routes=(place,), title="Another offer")
    before = timezone.now()
    fail(place, refused(), offer, other, offer)
    group = only()
    assert (group.state, group.count, group.open, group.may_double) == ("rejected", 3, 0, 0)
    assert (group.sentence, group.who, group.fix) == ("No country is named.", "publisher", "Map the country.")
    assert group.offers == [other, offer]
    assert before < group.first_at <= group.last_at < timezone.now()


def test_first_and_last_are_the_times_of_the_tries(place: Destination, offer: Offer) -> None:
    fail(place, AWAY, offer, times=len(retry.SCHEDULE) + 1)
    tries = list(Attempt.objects.order_by("number"))
    first = timezone.now() - timedelta(days=3)
    Attempt.objects.filter(pk=tries[0].pk).update(started_at=first)
    group = only()
    assert (group.state, group.first_at) == ("gave_up", first)
    assert group.last_at >= tries[-1].started_at
    assert group.who == "target"


def test_a_worker_that_was_lost_leaves_it_to_the_publisher(place: Destination, offer: Offer) -> None:
    fail(place, refused(), offer)
    told = {"state": "uncertain", "cause": "worker-lost", "sentence": "Our worker stopped."}
    Delivery.objects.update(**told)
    group = only()
    assert (group.state, group.who, group.may_double) == ("uncertain", "publisher", 1)
    assert group.fix == "Look whether it is there; then send again, or leave it."


def test_what_failed_once_and_waits_for_its_next_try_is_told(place: Destination, offer: Offer) -> None:
    fail(place, AWAY, offer)
    Destination.objects.update(state="active", problem="", problem_cause="")
    group = only()
    assert (group.state, group.cause, group.count, group.open) == ("waiting", "http-503", 1, 1)


def test_all_that_waits_for_a_destination_waits_for_one_cause(place: Destination, offer: Offer) -> None:
    fail(place, AWAY, offer)
    Destination.objects.update(state="active", problem="", problem_cause="", problem_since=None)
    fail(place, LOCKED, offer, offer)
    make_lead(offer, "later@example.com")
    group = only()
    held = Destination.objects.get()
    assert (group.state, group.cause, group.count, group.open) == ("held", "sign-in", 4, 4)
    assert (group.sentence, group.who, group.fix) == (LOCKED.sentence, "publisher", LOCKED.fix)
    assert group.first_at == held.problem_since


def test_the_target_may_have_to_act_on_a_hold(place: Destination, offer: Offer) -> None:
    make_lead(offer)
    error = Misconfigured("Its licence has ended.", cause="licence", who="target")
    health.hold(Destination.objects.all(), error, timezone.now())
    assert only().who == "target"


def test_a_pause_is_told_while_leads_wait_for_its_end(place: Destination, offer: Offer) -> None:
    health.pause(place)
    assert groups(make_publisher().pk) == []
    make_lead(offer)
    group = only()
    assert (group.state, group.cause, group.who) == ("paused", "paused", "publisher")
    assert group.sentence == "Sales endpoint is paused."


def test_what_stopped_before_a_hold_is_told_apart(place: Destination, offer: Offer) -> None:
    fail(place, refused(), offer)
    fail(place, LOCKED, offer)
    assert {(group.cause, group.state) for group in groups(make_publisher().pk)} == {
        ("http-422", "rejected"),
        ("sign-in", "held"),
    }


@pytest.mark.parametrize("state", ["active", "held", "resting", "paused"])
def test_each_number_is_that_of_the_list_behind_it(place: Destination, offer: Offer, state: str) -> None:
    for error in (refused(), AWAY, refused("http-413")):
        fail(place, error, offer)
    make_lead(offer, "new@example.com")
    Delivery.objects.filter(pk=Delivery.objects.latest("pk").pk).update(
        state="sending", cause="http-503", claimed_until=timezone.now()
    )
    Destination.objects.update(state=state, problem="No.", problem_cause="sign-in", resume_at=timezone.now())
    found = groups(make_publisher().pk)
    assert sum(group.count for group in found) == 4
    for group in found:
        chosen = DeliveryFilter(destination=group.destination.pk, cause=group.cause)
        assert chosen.apply(Delivery.objects.all()).count() == group.count, group.cause


# What changed just before


def saved(place: Destination, at: datetime) -> DestinationVersion:
    """Save a password at a time."""
    destinations.change(place, config=place.config | {"password": f"secret {at}"}, by=make_member())
    version = place.versions.get(number=place.versions.count())
    DestinationVersion.objects.filter(pk=version.pk).update(saved_at=at)
    return version


def test_settings_saved_within_the_hour_before_are_named_without_their_secrets(
    place: Destination, offer: Offer
) -> None:
    at = timezone.now() - timedelta(minutes=59)
    saved(place, at)
    fail(place, LOCKED, offer)
    change = only().change
    assert change is not None
    assert (change.number, change.at, change.by, change.what) == (2, at, "owner-contoso", ["password"])


def test_settings_saved_long_before_or_after_are_not_to_blame(place: Destination, offer: Offer) -> None:
    DestinationVersion.objects.update(saved_at=timezone.now() - timedelta(minutes=61))
    fail(place, refused(), offer)
    assert only().change is None
    saved(place, timezone.now())
    assert only().change is None


@pytest.mark.parametrize(("days", "told"), [(-1, True), (0, True), (1, False)])
def test_a_secret_that_had_ended_is_named(place: Destination, offer: Offer, days: int, told: object) -> None:
    ended = (timezone.now() + timedelta(days=days)).date()
    Destination.objects.update(secret_expires_on=ended)
    fail(place, LOCKED, offer)
    assert only().secret_ended_on == (ended if told else None)


# Whose, and at what cost


def test_everybodys_failures_are_told_to_the_operator_and_only_their_own_to_publishers(
    connect: Connect, place: Destination, offer: Offer
) -> None:
    fabrikam = make_publisher("fabrikam")
    there = connect("There", publisher=fabrikam)
    theirs = make_offer(publisher=fabrikam, routes=(there,))
    fail(place, refused(), offer)
    fail(there, LOCKED, theirs)
    assert only().destination == place
    assert [group.destination for group in groups(fabrikam.pk)] == [there]
    assert {group.destination for group in groups(None)} == {place, there}


def test_many_groups_cost_no_more_queries_than_one(
    connect: Connect, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(6):
        place = connect(f"Place {number}")
        offer = make_offer(f"offer{number}", routes=(place,))
        fail(place, refused(), offer)
        fail(place, LOCKED, offer)
        fail(place, AWAY, offer)
    with django_assert_num_queries(7):
        assert len(groups(None)) > 6


MANY = """
WITH lead AS (
    INSERT INTO leads_lead (
        id, publisher_id, offer_id, kind, source, action, storefront, first_name, last_name, email, phone, country,
        company, title, description, extra, received_at, routed, fingerprint)
    SELECT gen_random_uuid(), %(publisher)s, %(offer)s, 'preview', 'SPZA', 'PLT', '', '', '', '', '', '', '', '', '',
        '{}', now(), 1, ''
    FROM generate_series(1, 5000)
    RETURNING id
)
INSERT INTO leads_delivery (
    lead_id, destination_id, publisher_id, offer_id, state, attempts, claims, due_at, created_at, finished_at, cause,
    sentence, remote_id, remote_url, landing)
SELECT id, %(destination)s, %(publisher)s, %(offer)s, 'delivered', 1, 1, now(), now(), now(), '', '', '', '', ''
FROM lead
"""


def test_what_failed_is_counted_from_an_index_that_what_goes_well_never_enters(
    offer: Offer, place: Destination
) -> None:
    fail(place, refused(), offer)
    told = {"publisher": offer.publisher_id, "offer": offer.pk, "destination": place.pk}
    with connection.cursor() as cursor:
        cursor.execute(MANY, told)
        cursor.execute("ANALYZE leads_delivery, leads_destination")
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {COUNT}", told | {"most": 100, "lately": timezone.now()})
        [[plan]] = cursor.fetchall()
    read = [node for node in nodes(plan[0]["Plan"]) if node.get("Relation Name") == "leads_delivery"]
    assert "delivery_failures" in {node.get("Index Name") for node in read}
    assert sum(node["Actual Rows"] for node in read) == 1


def nodes(node: dict[str, Any]) -> list[dict[str, Any]]:
    return [node] + [found for below in node.get("Plans", []) for found in nodes(below)]
