"""Leads keep coming in while workers die and the broker forgets everything."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
from django.utils import timezone
from redis import Redis
from standardwebhooks import Webhook

from leads import sweep
from leads.delivery import LINGERING
from leads.models import Attempt, Delivery, Destination
from leads.sending import START_WITHIN
from tests.faults.api import Api
from tests.faults.books import let_leases_pass, lost_claims, prove, settle
from tests.faults.gates import await_somebody_at, break_off, locked
from tests.faults.target import Stalls, Target, takes_after
from tests.live import StartWorkers, Worker
from tests.portal.machinery import eventually
from tests.waiting import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

Tell = Callable[[str], None]

LEADS = 500
KILLS = 4
PACE = 0.08
"""Seconds between two leads of one sender, so that leads keep coming while workers die."""
SLOW = 0.03
"""Seconds the receiver takes, so that a worker that dies has leads in hand."""
FEW = 8
"""Leads that one claim takes all of, and more than are sent at once."""
CONCURRENCY = 4
SWEPT = 20
"""Seconds in which a turn ends that nobody prolongs, and the sweep comes."""


@pytest.mark.usefixtures("celery_beat_process")
def test_no_lead_is_lost_when_workers_are_killed_and_the_broker_is_wiped(
    api: Api, target: Target, redis: Redis, celery_worker_process: StartWorkers, tell: Tell
) -> None:
    def send_at_leisure(number: int) -> str:
        time.sleep(PACE)
        return api.send(number)

    api.connect()
    target.conduct = takes_after(SLOW)
    workers = celery_worker_process(n=2)
    with ThreadPoolExecutor(4) as posting:
        accepted = posting.map(send_at_leisure, range(LEADS))
        for kill in range(KILLS):
            time.sleep(0.7)
            workers[kill % 2].kill9()
            if kill == 1:
                redis.flushall()
            workers[kill % 2] = celery_worker_process()[0]
        lead_ids = set(accepted)
    settle(api.publisher, seconds=180)
    prove(target, api.publisher, lead_ids)
    tell(
        f"{LEADS} leads, {KILLS} kills, 1 wipe: {target.doubled} requests doubled, {lost_claims()} claims taken back."
        " Only what a dead worker had sent and not written down is sent again."
    )
    assert len(lead_ids) == LEADS
    assert target.doubled <= lost_claims()


class TestAWorkerKilled:
    """The moment is exact: the worker waits for the receiver, or for a lock, when the signal comes."""

    @pytest.fixture
    def lead_ids(self, api: Api) -> set[str]:
        """Have leads wait; their wake-ups are with the broker."""
        api.connect()
        return {api.send(number) for number in range(FEW)}

    def recover(self, api: Api, start: StartWorkers) -> None:
        start()
        let_leases_pass()
        sweep.sweep()
        settle(api.publisher)

    def test_between_send_and_record_doubles_what_it_had_sent(
        self, lead_ids: set[str], api: Api, target: Target, celery_worker_process: StartWorkers, tell: Tell
    ) -> None:
        target.conduct = stalls = Stalls()
        [worker] = celery_worker_process()
        wait_for(lambda: target.in_flight == CONCURRENCY, seconds=10)
        worker.kill9()
        sent_by_the_dead = target.landed.total()
        stalls.released.set()
        self.recover(api, celery_worker_process)
        prove(target, api.publisher, lead_ids)
        tell(f"Killed between send and record: {target.doubled} of {FEW} doubled, the {sent_by_the_dead} it had sent.")
        assert CONCURRENCY < target.doubled == sent_by_the_dead < FEW
        assert lost_claims() == FEW

    def test_in_claim_doubles_nothing(
        self,
        lead_ids: set[str],
        api: Api,
        target: Target,
        celery_worker_process: StartWorkers,
        live_environment: dict[str, str],
        tell: Tell,
    ) -> None:
        with locked(live_environment["DATABASE_URL"], "leads_lead", "ACCESS EXCLUSIVE") as gate:
            [worker] = celery_worker_process()
            await_somebody_at(gate, "leads_lead")
            worker.kill9()
        # PostgreSQL had the statement already and finishes it for nobody: claims that no one holds.
        wait_for(lambda: Delivery.objects.filter(state="sending").count() == FEW, seconds=10)
        assert not target.landed
        self.recover(api, celery_worker_process)
        prove(target, api.publisher, lead_ids)
        tell(f"Killed in claim: {target.doubled} of {FEW} doubled, for nothing had been sent.")
        assert target.doubled == 0

    def test_in_record_doubles_nothing_because_postgresql_goes_on_to_write_it_down(
        self,
        lead_ids: set[str],
        api: Api,
        target: Target,
        celery_worker_process: StartWorkers,
        live_environment: dict[str, str],
        tell: Tell,
    ) -> None:
        with locked(live_environment["DATABASE_URL"], "leads_attempt", "SHARE") as gate:
            [worker] = celery_worker_process()
            await_somebody_at(gate, "leads_attempt")
            worker.kill9()
        sent_by_the_dead = target.landed.total()
        self.recover(api, celery_worker_process)
        prove(target, api.publisher, lead_ids)
        tell(f"Killed in record: {target.doubled} doubled. The one statement had been sent, and was carried out.")
        assert sent_by_the_dead == FEW
        assert target.doubled == lost_claims() == 0

    def test_in_record_with_its_connection_doubles_what_it_had_sent(
        self,
        lead_ids: set[str],
        api: Api,
        target: Target,
        celery_worker_process: StartWorkers,
        live_environment: dict[str, str],
        tell: Tell,
    ) -> None:
        with locked(live_environment["DATABASE_URL"], "leads_attempt", "SHARE") as gate:
            [worker] = celery_worker_process()
            await_somebody_at(gate, "leads_attempt")
            worker.kill9()
            break_off(gate, "leads_attempt")
        sent_by_the_dead = target.landed.total()
        self.recover(api, celery_worker_process)
        prove(target, api.publisher, lead_ids)
        tell(
            f"Killed in record, which is undone: {target.doubled} of {FEW} doubled, the {sent_by_the_dead} it had sent."
        )
        assert target.doubled == sent_by_the_dead == lost_claims() == FEW

    @pytest.mark.long
    @pytest.mark.usefixtures("celery_beat_process")
    def test_while_it_waits_for_the_next_lead_has_that_one_wait_for_the_sweep(
        self, api: Api, target: Target, celery_worker_process: StartWorkers, tell: Tell
    ) -> None:
        api.connect()
        workers = celery_worker_process(n=2)
        lead_ids = {api.send(0)}
        while not eventually(somebody_is_on_the_line, seconds=2):
            lead_ids.add(api.send(len(lead_ids)))
        [listener] = filter(is_draining, workers)
        listener.kill9()
        assert Destination.objects.filter(drain_token__isnull=False).exists(), "its turn is left behind"
        began = time.monotonic()
        lead_ids.add(api.send(len(lead_ids)))
        settle(api.publisher)
        prove(target, api.publisher, lead_ids)
        tell(f"Killed on the line: the next lead took {time.monotonic() - began:.1f} s; {target.doubled} doubled.")
        assert target.doubled == 0
        assert time.monotonic() - began < SWEPT

    @pytest.mark.long
    def test_only_asleep_wakes_too_late_to_change_anything(
        self, lead_ids: set[str], api: Api, target: Target, celery_worker_process: StartWorkers, tell: Tell
    ) -> None:
        target.conduct = stalls = Stalls()
        [sleeper] = celery_worker_process()
        wait_for(lambda: target.in_flight == CONCURRENCY, seconds=10)
        with asleep(sleeper):
            sent_by_the_sleeper = target.landed.total()
            stalls.released.set()
            self.recover(api, celery_worker_process)
            time.sleep(START_WITHIN)  # a lease is longer still
            written = sorted(Attempt.objects.values_list("delivery", "number", "outcome"))
        wait_for(lambda: "succeeded" in sleeper.log, seconds=30)
        prove(target, api.publisher, lead_ids)
        tell(f"Asleep beyond its lease: {target.doubled} of {FEW} doubled, the {sent_by_the_sleeper} it had sent.")
        assert sorted(Attempt.objects.values_list("delivery", "number", "outcome")) == written
        assert target.doubled == sent_by_the_sleeper


def somebody_is_on_the_line() -> bool:
    """Tell it from the turn: while its drain waits for the next lead it is a short one."""
    now = timezone.now()
    return Destination.objects.filter(drain_until__range=(now, now + LINGERING)).exists()


def is_draining(worker: Worker) -> bool:
    """Tell it from its log, which says of each drain when it comes and when it has ended."""
    return worker.log.count("leads.drain[") % 2 == 1


class asleep:  # noqa: N801 - read as a word: with asleep(worker)
    def __init__(self, worker: Worker) -> None:
        self.worker = worker

    def __enter__(self) -> None:
        os.kill(self.worker.pid, signal.SIGSTOP)
        # Its threads stop one by one, and on a busy machine one may still do something.
        wait_for(self.all_threads_are_stopped, seconds=10)

    def all_threads_are_stopped(self) -> bool:
        threads = psutil.Process(self.worker.pid).threads()
        return all(psutil.Process(thread.id).status() == psutil.STATUS_STOPPED for thread in threads)

    def __exit__(self, *_: object) -> None:
        os.kill(self.worker.pid, signal.SIGCONT)


def test_a_lead_arrives_within_a_second_signed_and_once(
    api: Api, target: Target, celery_worker_process: StartWorkers
) -> None:
    secret = api.connect()["signing_secret"]
    celery_worker_process()
    began = time.monotonic()
    lead_id = api.send(1)
    wait_for(lambda: bool(target.landed), seconds=5)
    took = time.monotonic() - began
    assert api.send(1) == lead_id
    time.sleep(0.5)
    [request] = target.server.requests
    assert took < 1
    Webhook(secret).verify(request.body, dict(request.headers))
    assert json.loads(request.body)["LeadId"] == request.headers["webhook-id"] == lead_id
    assert request.headers["host"] == "leads.example.com"
