"""The broker hangs, or is gone for a while. It holds wake-ups only: leads are taken, and arrive."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.api import Api
from tests.faults.books import prove, settle
from tests.faults.figures import percentile, timed
from tests.faults.services import Broker
from tests.faults.target import Target
from tests.live import StartWorkers

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

Tell = Callable[[str], None]

LEADS = 300
PATIENCE = 0.5
"""Seconds that 99 of 100 leads may take to be accepted while the broker hangs."""


@pytest.fixture(autouse=True)
def broker(live_environment: dict[str, str], tmp_path: Path) -> Iterator[Broker]:
    """Come before all processes, so that they find this broker."""
    broker = Broker(tmp_path)
    live_environment["REDIS_URL"] = broker.url
    broker.start()
    yield broker
    broker.stop()
    shutil.rmtree(broker.sockets)


def test_a_broker_that_hangs_does_not_slow_intake(api: Api, broker: Broker, tell: Tell) -> None:
    api.connect()
    api.send(LEADS)
    with broker.frozen():
        seconds = [timed(api.send, number)[1] for number in range(LEADS)]
    p99 = percentile(seconds, 99)
    tell(f"Intake with a hanging broker: p99 {p99 * 1000:.0f} ms, slowest {max(seconds) * 1000:.0f} ms.")
    assert p99 < PATIENCE
    assert max(seconds) < 5


@pytest.mark.usefixtures("celery_beat_process")
def test_leads_taken_without_a_broker_arrive_when_it_is_back(
    api: Api, broker: Broker, target: Target, celery_worker_process: StartWorkers, tell: Tell
) -> None:
    api.connect()
    celery_worker_process()
    lead_ids = {api.send(number) for number in range(20)}
    settle(api.publisher)
    broker.stop()
    lead_ids |= {api.send(number) for number in range(20, 60)}
    time.sleep(2)
    assert len(target.landed) == 20
    broker.start()
    began = time.monotonic()
    settle(api.publisher, seconds=90)
    prove(target, api.publisher, lead_ids)
    tell(f"The broker was gone: 40 leads taken, delivered {time.monotonic() - began:.0f} s after it was back.")
    assert target.doubled == 0
