"""Workers that start at once sign in once; a token that is refused everywhere is renewed once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Barrier

import pytest

from connectors import registry
from connectors.base import Receipt
from connectors.dynamics.imitation.environment import Environment
from connectors.fakes import FakeServer, Line, Recorded
from leads import intake, sweep
from leads.events import Contact, Event
from leads.models import Delivery, Offer
from leads.taxonomy import Action, Source
from tests.connectors.dynamics.acting import STORED, deliver_one
from tests.connectors.dynamics.conftest import behaving
from tests.connectors.leads import lead
from tests.factories import make_destination, make_offer
from tests.live import StartWorkers
from tests.waiting import wait_for

WORKERS = 4
EACH = 25
TWENTY = 20


def event(offer: Offer, email: str) -> Event:
    return Event(offer=offer, source=Source.APPSOURCE, action=Action.INSTALL, contact=Contact(email=email))


def all_is_delivered() -> bool:
    sweep.sweep()  # calls may be lost while the machine is busy
    return not Delivery.objects.exclude(state="delivered").exists()


@pytest.mark.long
@pytest.mark.timeout(180)
def test_four_workers_that_start_at_once_sign_in_once(
    env: Environment, live_environment: dict[str, str], celery_worker_process: StartWorkers
) -> None:
    env.latency = 0.05
    with FakeServer(behaving(env)) as server:
        live_environment["OUTBOUND_CONNECT_TO"] = f"*={server.url}"
        routes = tuple(make_destination(f"D{n}", connector="dynamics", config=dict(STORED)) for n in range(WORKERS * 2))
        for number, route in enumerate(routes):
            offer = make_offer(f"crm{number}", routes=(route,))
            intake.receive_many([event(offer, f"c{number}.{each}@example.com") for each in range(EACH)])
        sweep.sweep()
        celery_worker_process(n=WORKERS)
        wait_for(all_is_delivered, seconds=90)
    assert env.sign_ins == 1
    assert len(env.records) == len(routes) * EACH


def test_twenty_that_are_refused_at_once_sign_in_once_more(server: FakeServer, env: Environment) -> None:
    assert isinstance(deliver_one(), Receipt)
    usual, all_here = server.always, Barrier(TWENTY, timeout=10)

    def behave(request: Recorded, line: Line) -> None:
        signed_in = request.headers.get("authorization", "").removeprefix("Bearer ") in env.tokens
        if not signed_in and not request.path.endswith("/token"):
            all_here.wait()
        usual(request, line)

    server.always = behave
    with ExitStack() as stack, ThreadPoolExecutor(TWENTY) as threads:
        connectors = [stack.enter_context(registry.connect("dynamics", STORED)) for _ in range(5)]
        env.tokens.clear()
        results = list(threads.map(lambda n: connectors[n % 5].deliver([lead(n)])[0], range(TWENTY)))
    assert {type(result) for result in results} == {Receipt}
    assert env.sign_ins == 2
    assert [sent.path.endswith("/token") for sent in server.requests].count(True) == 2
