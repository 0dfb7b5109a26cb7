"""Ten thousand leads wait for an endpoint that never answers; a neighbour must not notice."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median

import pytest
from django.db.models import F

from leads import wake
from leads.models import Attempt, Delivery, Destination
from tests.factories import make_destination, make_offer, make_publisher
from tests.faults.accepting import accept
from tests.faults.api import Api
from tests.faults.books import settle
from tests.faults.figures import percentile
from tests.faults.others import Others
from tests.faults.target import Target, deaf_port
from tests.live import StartWorkers
from tests.waiting import wait_for

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

Tell = Callable[[str], None]

BACKLOG = 10_000
ROUNDS, MOST_ROUNDS = 5, 8
LEADS = 200
PER_SECOND = 20
QUIET = 0.5
"""Cores that others may use in a turn that counts."""
AT_MOST = 1.5
"""How many times slower the neighbour may be."""
CROWD = 20
FEW_ROUNDS = 3
WAIT = 0.5
"""Seconds that are far less than what any of them hangs."""


@pytest.fixture
def target(live_environment: dict[str, str], target: Target) -> Iterator[Target]:
    with deaf_port() as port:
        live_environment["OUTBOUND_CONNECT_TO"] = f"dead.example.com=http://127.0.0.1:{port},*={target.server.url}"
        yield target


def make_dead_ones(number: int) -> list[Destination]:
    fabrikam = make_publisher("fabrikam")
    return [make_destination(f"Dead {n}", publisher=fabrikam, url="https://dead.example.com/in") for n in range(number)]


def fill(dead: list[Destination]) -> None:
    for each in dead:
        offer = make_offer(f"offer-{each.pk}", publisher=each.publisher, routes=(each,))
        accept(offer, BACKLOG // len(dead))


def at_rest(dead: list[Destination]) -> None:
    """Have nobody try the dead ones."""
    mine = Destination.objects.filter(pk__in=[each.pk for each in dead])
    mine.update(state="paused", resume_at=None)
    sending = Delivery.objects.filter(destination__in=mine, state="sending")
    wait_for(lambda: not sending.exists(), seconds=40)


def being_tried(dead: list[Destination]) -> None:
    """Have drains hang at the dead ones, all leads due."""
    mine = Destination.objects.filter(pk__in=[each.pk for each in dead])
    mine.update(state="active", rests=0, resume_at=None)
    tried = Delivery.objects.filter(destination__in=mine, state="waiting", attempts__gt=0)
    tried.update(due_at=F("created_at"), attempts=0)
    wake.insist(each.pk for each in dead)
    sending = Destination.objects.filter(pk__in=mine.values("pk"), deliveries__state="sending").distinct()
    wait_for(lambda: sending.count() == len(dead), seconds=20)


def p99(api: Api, round_: int) -> float:
    """Send leads evenly to the neighbour; return the p99 from accept to delivery, in seconds."""
    first = round_ * LEADS
    began = time.monotonic()

    def send(number: int) -> str:
        time.sleep(max(0.0, began + (number - first) / PER_SECOND - time.monotonic()))
        return api.send(number)

    with ThreadPoolExecutor(4) as posting:
        lead_ids = list(posting.map(send, range(first, first + LEADS)))
    settle(api.publisher)
    tries = Attempt.objects.filter(delivery__lead__in=lead_ids).select_related("delivery__lead")
    took = [(t.started_at - t.delivery.lead.received_at).total_seconds() + t.seconds for t in tries]
    assert len(took) == LEADS
    return percentile(took, 99)


@dataclass(frozen=True, slots=True)
class Turn:
    """The p99 of a neighbour alone and beside the dead, in seconds, and how many cores others used meanwhile."""

    alone: float
    beside: float
    others: float


def take_turn(api: Api, dead: list[Destination], number: int) -> Turn:
    at_rest(dead)
    others = Others()
    alone = p99(api, 2 * number + 1)
    being_tried(dead)
    beside = p99(api, 2 * number + 2)
    return Turn(alone, beside, others.cores())


def compare(api: Api, dead: list[Destination], start: StartWorkers, rounds: int, most: int) -> list[Turn]:
    """Take turns until enough of them were undisturbed; return the quietest."""
    api.connect()
    fill(dead)
    at_rest(dead)
    start(n=2)
    p99(api, 0)
    turns: list[Turn] = []
    while len(turns) < most and sum(turn.others < QUIET for turn in turns) < rounds:
        turns.append(take_turn(api, dead, len(turns)))
    return sorted(turns, key=lambda turn: turn.others)[:rounds]


def judge(turns: list[Turn], tell: Tell, dead: str) -> tuple[float, float]:
    """Return the medians alone and beside, and tell them."""
    alone, beside, others = (median(getattr(turn, each) for turn in turns) for each in ("alone", "beside", "others"))
    tell(
        f"{BACKLOG} leads for {dead}: median p99 from accept to delivery {alone * 1000:.0f} ms alone,"
        f" {beside * 1000:.0f} ms beside: {beside / alone:.2f} times. Others had {others:.1f} cores busy."
    )
    return alone, beside


@pytest.mark.usefixtures("celery_beat_process")
def test_leads_for_a_dead_endpoint_do_not_slow_a_neighbour(
    api: Api, target: Target, celery_worker_process: StartWorkers, tell: Tell
) -> None:
    turns = compare(api, make_dead_ones(1), celery_worker_process, ROUNDS, MOST_ROUNDS)
    alone, beside = judge(turns, tell, "a dead endpoint")
    assert beside <= AT_MOST * alone


@pytest.mark.usefixtures("celery_beat_process")
def test_neighbours_do_not_wait_for_a_crowd_of_dead_endpoints(
    api: Api, target: Target, celery_worker_process: StartWorkers, tell: Tell
) -> None:
    turns = compare(api, make_dead_ones(CROWD), celery_worker_process, FEW_ROUNDS, FEW_ROUNDS)
    _, beside = judge(turns, tell, f"{CROWD} dead endpoints")
    assert beside <= WAIT
