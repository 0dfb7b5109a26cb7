"""Ten thousand leads on the real path: PostgreSQL, workers that die, and a subscription that keeps count."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from redis import Redis

from connectors.fakes import FakeServer
from connectors.marketo.imitation.subscription import Fault, Subscription
from leads import sweep
from leads.models import Attempt, Delivery, Destination
from tests.connectors.draining import FallsSilent, drain, receive
from tests.connectors.marketo.acting import FORM, STORED
from tests.connectors.marketo.conftest import behaving
from tests.factories import make_destination, make_publisher
from tests.faults.books import let_leases_pass, lost_claims, settle
from tests.live import StartWorkers
from tests.waiting import wait_for

pytestmark = [pytest.mark.long, pytest.mark.timeout(400)]

MANY = 10_000
FEW_REQUESTS = 40
CALLS, AT_ONCE = 50, 2
"""What we take of Marketo's 100 calls in 20 seconds, and of its 10 at once."""


@pytest.fixture(autouse=True)
def _empty(redis: Redis) -> None:
    redis.flushall()


@pytest.fixture
def detour(live_environment: dict[str, str], subscription: Subscription) -> Iterator[FakeServer]:
    """Stand behind every host for the worker processes."""
    with FakeServer(behaving(subscription)) as server:
        live_environment["OUTBOUND_CONNECT_TO"] = f"*={server.url}"
        yield server


def connected(name: str = "Marketo", **settings: object) -> Destination:
    return make_destination(name, connector="marketo", config={**STORED, **settings})


def people(subscription: Subscription) -> list[str]:
    return sorted(person["email"] for person in subscription.live())


def expected(number: int = MANY) -> list[str]:
    return sorted(f"c{each}@example.com" for each in range(number))


def figures(subscription: Subscription, requests: int) -> str:
    meter = subscription.meter
    return (
        f"{len(subscription.live())} people in {requests} requests, {subscription.identity.sign_ins} sign-in;"
        f" at most {meter.most_within()} calls in 20 s and {meter.most_at_once()} at once."
    )


def keeps_pace(subscription: Subscription) -> bool:
    meter = subscription.meter
    return meter.refused == [] and meter.most_within() <= CALLS and meter.most_at_once() <= AT_ONCE


def test_ten_thousand_leads_take_forty_requests_of_four_workers_at_most(
    subscription: Subscription, detour: FakeServer, celery_worker_process: StartWorkers
) -> None:
    destination = connected()
    receive(destination, MANY)
    celery_worker_process(n=4)
    sweep.sweep()
    settle(destination.publisher, seconds=200)
    assert len(detour.requests) <= FEW_REQUESTS
    assert keeps_pace(subscription), figures(subscription, len(detour.requests))
    assert subscription.identity.sign_ins == 1
    assert people(subscription) == expected()
    assert Delivery.objects.filter(state="delivered").count() == MANY


@pytest.mark.usefixtures("celery_beat_process")
def test_four_workers_at_four_destinations_of_one_subscription_keep_its_pace(
    subscription: Subscription, detour: FakeServer, celery_worker_process: StartWorkers
) -> None:
    each = 30
    subscription.takes = 0.05
    for number in range(4):
        receive(connected(f"Form {number}", **FORM), each, first=number * each)
    celery_worker_process(n=4)
    sweep.sweep()
    settle(make_publisher(), seconds=200)
    assert keeps_pace(subscription), figures(subscription, len(detour.requests))
    assert subscription.meter.most_within() > CALLS / 2
    assert subscription.meter.most_at_once() == AT_ONCE
    assert subscription.identity.sign_ins == 1
    assert people(subscription) == expected(4 * each)
    assert set(Delivery.objects.values_list("state", "attempts")) == {("delivered", 1)}


@pytest.mark.usefixtures("celery_beat_process")
def test_killed_in_the_middle_and_run_again_it_doubles_nothing(
    subscription: Subscription, live_environment: dict[str, str], celery_worker_process: StartWorkers
) -> None:
    target = FallsSilent(behaving(subscription), lambda: len(subscription.written) >= 12)
    with FakeServer(target) as server:
        live_environment["OUTBOUND_CONNECT_TO"] = f"*={server.url}"
        destination = connected()
        receive(destination, MANY)
        [worker] = celery_worker_process()
        sweep.sweep()
        wait_for(lambda: len(subscription.written) >= 13, seconds=60)
        worker.kill9()
        landed = len(subscription.live())
        target.go_on()
        celery_worker_process()
        let_leases_pass()
        sweep.sweep()
        settle(destination.publisher, seconds=200)
    assert 0 < landed < MANY
    assert lost_claims() > 0
    assert people(subscription) == expected()
    assert Delivery.objects.filter(state="delivered").count() == MANY


@pytest.mark.django_db(transaction=True)
class TestALastingFault:
    def test_of_the_token_costs_two_sign_ins_and_no_lead_a_try(
        self, server: FakeServer, subscription: Subscription
    ) -> None:
        subscription.identity.always = "601"
        destination = connected()
        receive(destination, 1_000)
        drain(destination)
        destination.refresh_from_db()
        assert subscription.identity.sign_ins == 2
        assert (destination.state, destination.problem_cause) == ("held", "sign-in")
        assert set(Delivery.objects.values_list("state", "attempts")) == {("waiting", 0)}

    def test_of_the_day_rests_until_the_next_and_costs_no_lead_a_try(
        self, server: FakeServer, subscription: Subscription
    ) -> None:
        subscription.meter.a_day = 2
        destination = connected()
        receive(destination, 1_000)
        drain(destination)
        destination.refresh_from_db()
        assert (destination.state, destination.problem_cause) == ("resting", "marketo-607")
        assert destination.resume_at
        assert len(server.requests) <= 5
        assert set(Delivery.objects.values_list("state", "attempts")) == {("delivered", 1), ("waiting", 0)}

    def test_that_nobody_knows_is_tried_a_bounded_number_of_times(
        self, server: FakeServer, subscription: Subscription
    ) -> None:
        subscription.faults.extend([Fault("698")] * 100)
        destination = connected()
        receive(destination, 3)
        for _ in range(20):
            Destination.objects.update(resume_at=None, state="active", rests=0)
            Delivery.objects.filter(state="waiting").update(due_at="2026-01-01T00:00:00Z")
            drain(destination)
        assert set(Delivery.objects.values_list("state", flat=True)) == {"gave_up"}
        assert Attempt.objects.count() <= 3 * 9
