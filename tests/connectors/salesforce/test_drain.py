"""Ten thousand leads on the real path: PostgreSQL, workers that die, and an organization that keeps count."""

from __future__ import annotations

import pytest
from pytest_django.fixtures import Settings
from redis import Redis

from connectors.fakes import FakeServer, Line, Recorded
from connectors.salesforce.imitation.described import KEY
from connectors.salesforce.imitation.organization import Fault, Organization
from leads import sweep
from leads.models import Delivery, Destination, Lead
from tests.connectors.draining import FallsSilent, drain, receive
from tests.connectors.salesforce.acting import FORM, STORED
from tests.connectors.salesforce.conftest import behaving
from tests.factories import make_destination
from tests.faults.books import let_leases_pass, lost_claims, settle
from tests.live import StartWorkers
from tests.waiting import wait_for

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

MANY = 10_000
FEW_REQUESTS = 60


@pytest.fixture(autouse=True)
def _empty(redis: Redis) -> None:
    redis.flushall()


def connected(**settings: object) -> Destination:
    return make_destination("Salesforce", connector="salesforce", config={**STORED, **settings})


def keys(org: Organization) -> list[str]:
    return sorted(record[KEY] for record in org.live())


def expected() -> list[str]:
    return sorted(str(pk) for pk in Lead.objects.values_list("pk", flat=True))


@pytest.mark.django_db(transaction=True)
def test_ten_thousand_leads_take_sixty_requests_at_most(server: FakeServer, org: Organization) -> None:
    destination = connected()
    receive(destination, MANY)
    drain(destination)
    assert len(server.requests) <= FEW_REQUESTS
    assert keys(org) == expected()
    assert Delivery.objects.filter(state="delivered").count() == MANY


def test_killed_in_the_middle_and_run_again_it_doubles_nothing(
    org: Organization,
    live_environment: dict[str, str],
    celery_worker_process: StartWorkers,
) -> None:
    target = FallsSilent(behaving(org), lambda: len(org.written) >= 20)
    with FakeServer(target) as server:
        live_environment["OUTBOUND_CONNECT_TO"] = f"*={server.url}"
        destination = connected()
        receive(destination, MANY)
        [worker] = celery_worker_process()
        sweep.sweep()
        wait_for(lambda: len(org.written) >= 21, seconds=60)
        worker.kill9()
        landed = len(org.live())
        target.go_on()
        celery_worker_process()
        let_leases_pass()
        sweep.sweep()
        settle(destination.publisher, seconds=120)
    assert 0 < landed < MANY
    assert lost_claims() > 0
    assert keys(org) == expected()
    assert Delivery.objects.filter(state="delivered").count() == MANY


@pytest.mark.django_db(transaction=True)
class TestALastingFault:
    def test_of_the_session_costs_two_sign_ins_and_no_lead_a_try(self, server: FakeServer, org: Organization) -> None:
        org.faults.extend([Fault(401, "INVALID_SESSION_ID")] * 10_000)
        destination = connected()
        receive(destination, 1_000)
        drain(destination)
        destination.refresh_from_db()
        assert org.sign_ins == 2
        assert (destination.state, destination.problem_cause) == ("held", "sign-in")
        assert set(Delivery.objects.values_list("state", "attempts")) == {("waiting", 0)}

    def test_of_the_day_rests_for_an_hour(self, server: FakeServer, org: Organization) -> None:
        org.requests_a_day = 3
        destination = connected()
        receive(destination, 1_000)
        drain(destination)
        destination.refresh_from_db()
        assert destination.state == "resting"
        assert destination.resume_at
        assert destination.problem_cause == "request-limit-exceeded"


@pytest.mark.django_db(transaction=True)
def test_a_form_that_is_not_answered_leaves_few_to_a_person(server: FakeServer, settings: Settings) -> None:
    destination = make_destination("Forms", connector="salesforce", config=dict(FORM))
    receive(destination, 30)

    def break_off(_: Recorded, line: Line) -> None:
        line.hang_up()

    server.queue.append(break_off)
    drain(destination)
    assert Delivery.objects.filter(state="uncertain").count() == 1
    assert Delivery.objects.filter(state="delivered").count() == 29
    assert len(server.requests) == 30
