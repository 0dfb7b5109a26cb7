"""PostgreSQL is restarted, or crashes, in mid-flight. Whatever was answered with 202 is in it, and arrives."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connection

from tests.faults.api import Api
from tests.faults.books import let_leases_pass, lost_claims, prove, settle
from tests.faults.services import Database
from tests.faults.target import Target, takes_after
from tests.live import StartWorkers
from tests.waiting import wait_for

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

Tell = Callable[[str], None]

LEADS = 200
PACE = 0.05
"""Seconds between two leads of one sender."""


@pytest.fixture(autouse=True)
def database(live_environment: dict[str, str], tmp_path: Path) -> Iterator[Database]:
    """Come before all processes, so that they find this database."""
    database = Database(tmp_path)
    live_environment["DATABASE_URL"] = database.url
    database.start()
    with database.used_here():
        yield database
    database.stop()
    shutil.rmtree(database.sockets)


@pytest.mark.parametrize("ends", [Database.stop, Database.crash], ids=["restarted", "crashed"])
@pytest.mark.usefixtures("celery_beat_process")
def test_nothing_is_lost_when_in_mid_flight_postgresql_is(
    ends: Callable[[Database], None],
    database: Database,
    api: Api,
    target: Target,
    celery_worker_process: StartWorkers,
    tell: Tell,
) -> None:
    def send_at_leisure(number: int) -> str:
        time.sleep(PACE)
        return api.send_until_taken(number)

    api.connect()
    target.conduct = takes_after(PACE)
    celery_worker_process(n=2)
    with ThreadPoolExecutor(4) as posting:
        accepted = posting.map(send_at_leisure, range(LEADS))
        wait_for(lambda: target.in_flight > 1 and len(target.landed) > LEADS // 4, seconds=20)
        ends(database)
        connection.close()
        before = target.landed.total()
        database.start()
        lead_ids = set(accepted)
    wait_for(lambda: not target.in_flight, seconds=10)
    let_leases_pass()
    settle(api.publisher)
    prove(target, api.publisher, lead_ids)
    tell(
        f"PostgreSQL: {ends.__name__} after {before} of {LEADS} leads: {target.doubled} requests doubled, those whose"
        f" answers could not be written down; {lost_claims()} claims taken back."
    )
    assert len(lead_ids) == LEADS
    assert target.doubled <= lost_claims()
