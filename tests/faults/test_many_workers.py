"""Eight worker processes fall over each other at the same leads, and each lead is sent once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from leads import wake
from leads.models import Attempt, Destination
from tests.factories import make_destination, make_offer, make_publisher
from tests.faults.accepting import accept
from tests.faults.books import lost_claims, prove, settle
from tests.faults.target import Target
from tests.live import StartWorkers

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

Tell = Callable[[str], None]

DELIVERIES = 5_000
WORKERS = 8
CALLS = 12
"""Wake-ups for each destination, so that all workers run for it."""


@pytest.mark.parametrize("number", [8, 1], ids=["at eight destinations", "at one destination"])
@pytest.mark.usefixtures("celery_beat_process")
def test_eight_workers_send_each_lead_once(
    number: int, target: Target, celery_worker_process: StartWorkers, tell: Tell
) -> None:
    destinations: list[Destination] = [make_destination(f"Endpoint {n}") for n in range(number)]
    offers = [make_offer(f"offer-{each.pk}", routes=(each,)) for each in destinations]
    celery_worker_process(n=WORKERS)
    lead_ids = {lead_id for offer in offers for lead_id in accept(offer, DELIVERIES // number)}
    for _ in range(CALLS):
        wake.insist(each.pk for each in destinations)
    settle(make_publisher(), seconds=300)
    prove(target, make_publisher(), lead_ids)
    tell(f"{WORKERS} workers, {number} destinations, {len(target.began)} requests: {target.doubled} doubled.")
    assert len(lead_ids) == Attempt.objects.count() == len(target.began) == DELIVERIES
    assert Attempt.objects.values("delivery").distinct().count() == DELIVERIES
    assert lost_claims() == 0
