"""Ten thousand leads on the real path: PostgreSQL, workers that die, and an environment that keeps count."""

from __future__ import annotations

from threading import Event as Signal

import pytest

from connectors.dynamics import backlog, keys, schemas
from connectors.dynamics.imitation.environment import Environment, Fault
from connectors.fakes import Behaviour, FakeServer, Line, Recorded
from leads import delivery, intake, sweep
from leads.events import Contact, Event
from leads.models import Delivery, Destination, Lead
from leads.taxonomy import Action, Source
from tests.connectors.dynamics.acting import STORED, deliver_one, lead
from tests.connectors.dynamics.conftest import behaving
from tests.factories import make_destination, make_offer
from tests.faults.books import let_leases_pass, lost_claims, settle
from tests.live import StartWorkers
from tests.waiting import wait_for

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

MANY = 10_000
AT_ONCE = 8


def connected(**settings: object) -> Destination:
    return make_destination("Dynamics", connector="dynamics", config={**STORED, **settings})


def receive(destination: Destination, number: int) -> None:
    offer = make_offer(routes=(destination,))
    for start in range(0, number, 1_000):
        intake.receive_many(
            [
                Event(
                    offer=offer,
                    source=Source.APPSOURCE,
                    action=Action.INSTALL,
                    contact=Contact(email=f"c{each}@example.com", last_name=f"Customer {each}", company="Contoso"),
                )
                for each in range(start, min(start + 1_000, number))
            ]
        )


def drain(destination: Destination) -> None:
    while delivery.drain(destination.pk):
        pass


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


class StopsAfter:
    """Behave as the environment does; from the n-th write on keep the leads and say nothing until ``released``."""

    def __init__(self, env: Environment, writes: int) -> None:
        self.usual = behaving(env)
        self.env = env
        self.writes = writes
        self.released = Signal()

    def __call__(self, request: Recorded, line: Line) -> None:
        self.usual(request, _After(line, self._wait))

    def _wait(self) -> None:
        if len(self.env.writes) >= self.writes:
            self.released.wait(60)


class _After(Line):
    def __init__(self, line: Line, wait: object) -> None:
        vars(self).update(vars(line))
        self.wait = wait

    def write(self, content: bytes) -> None:
        self.wait()  # type: ignore[operator]
        super().write(content)


@pytest.mark.parametrize("writes", [200, 700])
def test_killed_in_the_middle_and_run_again_it_doubles_nothing(
    writes: int,
    env: Environment,
    live_environment: dict[str, str],
    celery_worker_process: StartWorkers,
) -> None:
    stops: Behaviour = StopsAfter(env, writes)
    with FakeServer(stops) as server:
        live_environment["OUTBOUND_CONNECT_TO"] = f"*={server.url}"
        destination = connected()
        receive(destination, MANY)
        [worker] = celery_worker_process()
        sweep.sweep()
        wait_for(lambda: len(env.writes) >= writes, seconds=60)
        worker.kill9()
        landed = len(env.records)
        assert isinstance(stops, StopsAfter)
        stops.writes = MANY * 2
        stops.released.set()
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
