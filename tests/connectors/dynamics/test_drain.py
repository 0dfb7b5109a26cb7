"""Ten thousand leads on the real path: PostgreSQL, workers that die, and an environment that keeps count."""

from __future__ import annotations

import pytest

from connectors.dynamics import backlog, keys, schemas
from connectors.dynamics.imitation.environment import Environment, Fault
from connectors.fakes import FakeServer
from leads import sweep
from leads.models import Delivery, Destination, Lead
from tests.connectors.draining import FallsSilent, drain, receive
from tests.connectors.dynamics.acting import STORED, deliver_one
from tests.connectors.dynamics.conftest import behaving
from tests.connectors.leads import lead
from tests.factories import make_destination
from tests.faults.books import let_leases_pass, lost_claims, settle
from tests.live import StartWorkers
from tests.waiting import wait_for

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

MANY = 10_000
AT_ONCE = 8


def connected(**settings: object) -> Destination:
    return make_destination("Dynamics", connector="dynamics", config={**STORED, **settings})


def expected() -> set[str]:
    return {keys.record_id(str(pk)) for pk in Lead.objects.values_list("pk", flat=True)}


@pytest.mark.django_db(transaction=True)
def test_ten_thousand_leads_go_with_eight_in_flight_at_most(server: FakeServer, env: Environment) -> None:
    env.latency = 0.01
    destination = connected()
    receive(destination, MANY)
    drain(destination)
    assert 1 < env.most_in_flight <= AT_ONCE
    assert env.records.keys() == expected()
    assert sum(env.writes) == MANY
    assert Delivery.objects.filter(state="delivered").count() == MANY
    assert env.sign_ins == 1
    assert len(env.writes) < MANY / 4
    assert {*env.writes[: backlog.LARGE]} == {1}


@pytest.mark.parametrize("writes", [200, 700])
def test_killed_in_the_middle_and_run_again_it_doubles_nothing(
    writes: int,
    env: Environment,
    live_environment: dict[str, str],
    celery_worker_process: StartWorkers,
) -> None:
    target = FallsSilent(behaving(env), lambda: len(env.writes) >= writes)
    with FakeServer(target) as server:
        live_environment["OUTBOUND_CONNECT_TO"] = f"*={server.url}"
        destination = connected()
        receive(destination, MANY)
        [worker] = celery_worker_process()
        sweep.sweep()
        wait_for(lambda: len(env.writes) >= writes, seconds=60)
        worker.kill9()
        landed = len(env.records)
        target.go_on()
        celery_worker_process()
        let_leases_pass()
        sweep.sweep()
        settle(destination.publisher, seconds=120)
    assert 0 < landed < MANY
    assert lost_claims() > 0
    assert env.records.keys() == expected()
    assert sum(env.writes) > MANY
    assert Delivery.objects.filter(state="delivered").count() == MANY


@pytest.mark.django_db(transaction=True)
class TestALastingFault:
    def test_of_the_sign_in_costs_two_sign_ins_and_no_lead_a_try(self, server: FakeServer, env: Environment) -> None:
        env.faults.extend([Fault(401, "")] * 10_000)
        destination = connected()
        receive(destination, 1_000)
        drain(destination)
        destination.refresh_from_db()
        assert env.sign_ins == 2
        assert (destination.state, destination.problem_cause) == ("held", "sign-in")
        assert set(Delivery.objects.values_list("state", "attempts")) == {("waiting", 0)}

    def test_of_the_membership_holds_and_costs_no_lead_a_try(self, server: FakeServer, env: Environment) -> None:
        env.is_member = False
        destination = connected()
        receive(destination, 1_000)
        drain(destination)
        destination.refresh_from_db()
        assert (destination.state, destination.problem_cause) == ("held", "0x80072560")
        assert set(Delivery.objects.values_list("state", "attempts")) == {("waiting", 0)}

    def test_of_a_limit_rests_as_long_as_it_is_told(self, server: FakeServer, env: Environment) -> None:
        destination = connected()
        receive(destination, 1_000)
        env.latency = 0.01
        env.faults.extend([Fault(429, "0x80072322", **{"Retry-After": "120"})] * 10)
        drain(destination)
        destination.refresh_from_db()
        assert (destination.state, destination.problem_cause) == ("resting", "0x80072322")
        assert destination.resume_at
        assert len(server.requests) <= 1 + AT_ONCE


def test_a_worker_of_another_process_finds_the_columns_that_one_has_read(server: FakeServer) -> None:
    deliver_one()
    schemas.forget_all()
    asked = len(server.requests)
    deliver_one(lead(1))
    assert len(server.requests) == asked + 1
