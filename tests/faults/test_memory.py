"""A hundred thousand leads pass through the site and its workers, and leave no memory behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.faults.api import Api
from tests.faults.books import prove, settle
from tests.faults.footprint import Footprint, footprint
from tests.faults.receiver import Receiver, receiver
from tests.live import StartWorkers

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

Tell = Callable[[str], None]

STEPS, STEP = 10, 10_000
WARM = 4
"""Steps after which everything has been loaded and every thread has been at work."""
BATCH = 1_000
ALONE = 500
"""Leads of each step that come one by one."""
OFFERS = [f"offer{number}" for number in range(8)]
ALLOWED = 500
"""Megabytes for the site and two workers together."""
GROWTH = 16
"""Megabytes that the later leads may add, counted so that what other programs load or leave makes no difference."""


@pytest.fixture
def target(live_environment: dict[str, str], tmp_path: Path) -> Iterator[Receiver]:
    with receiver(tmp_path) as found:
        live_environment["OUTBOUND_CONNECT_TO"] = f"*={found.url}"
        yield found


def send(api: Api, numbers: range) -> set[str]:
    """Send leads from four threads to all offers in turn, most of them by the thousand."""

    def one(number: int) -> set[str]:
        return {api.send(number, OFFERS[number % len(OFFERS)])}

    def many(first: int) -> set[str]:
        batch = range(first, min(first + BATCH, numbers.stop))
        return api.send_many(batch, OFFERS[first // BATCH % len(OFFERS)])

    with ThreadPoolExecutor(4) as posting:
        alone = list(posting.map(one, numbers[:ALONE]))
        return set().union(*alone, *posting.map(many, numbers[ALONE::BATCH]))


def passes(api: Api, target: Receiver, step: int, tell: Tell) -> tuple[set[str], Footprint]:
    """Have leads accepted and delivered; return their ids and the memory held thereafter."""
    lead_ids = send(api, range(step * STEP, (step + 1) * STEP))
    settle(api.publisher, seconds=120)
    target.ask()
    held = footprint()
    tell(f"After {(step + 1) * STEP:,} leads: {held}.")
    return lead_ids, held


@pytest.mark.usefixtures("celery_beat_process")
def test_a_hundred_thousand_leads_leave_no_memory_behind(
    api: Api, target: Receiver, celery_worker_process: StartWorkers, tell: Tell
) -> None:
    for name in OFFERS:
        api.connect(name, host=f"{name}.example.com")
    celery_worker_process(n=2)
    tell(f"At rest: {footprint()}.")
    steps = [passes(api, target, step, tell) for step in range(STEPS)]
    prove(target, api.publisher, set().union(*(lead_ids for lead_ids, _ in steps)))
    assert max(held.together for _, held in steps) < ALLOWED
    rss = [held.rss for _, held in steps]
    assert max(rss[-WARM:]) - max(rss[:WARM]) < GROWTH
