"""A target starts to refuse the sign-in in the middle of a thousand leads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from connectors.fakes import Line, Recorded
from connectors.https_endpoint.connector import HttpsEndpoint
from leads.models import Attempt, Delivery, Destination
from tests.faults.api import Api
from tests.faults.books import prove, settle
from tests.faults.target import Landed, Target, Wants
from tests.live import StartWorkers
from tests.waiting import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

Tell = Callable[[str], None]

LEADS = 1_000
GOOD_FOR = 300


class Changes:
    """Take one token, and after so many leads another."""

    def __init__(self, old: str, new: str, good_for: int) -> None:
        self.old, self.new, self.good_for = Wants(old), Wants(new), good_for

    def __call__(self, request: Recorded, line: Line, landed: Landed) -> None:
        self.good_for -= 1
        (self.old if self.good_for >= 0 else self.new)(request, line, landed)


def held() -> bool:
    return Destination.objects.filter(state="held", problem_cause="sign-in").exists()


def test_a_refused_password_costs_a_handful_of_requests_and_no_lead(
    api: Api, target: Target, celery_worker_process: StartWorkers, tell: Tell
) -> None:
    destination = api.connect(auth="bearer", token="old")
    with ThreadPoolExecutor(8) as posting:
        lead_ids = set(posting.map(api.send, range(LEADS)))
    target.conduct = Changes("old", "new", GOOD_FOR)
    celery_worker_process(n=2)
    wait_for(held, seconds=30)
    wait_for(lambda: not target.in_flight, seconds=10)
    refused = len(target.began) - GOOD_FOR
    assert 0 < refused <= HttpsEndpoint.concurrency + 1
    waiting = Delivery.objects.exclude(state="delivered")
    wait_for(lambda: set(waiting.values_list("state", "attempts")) == {("waiting", 0)}, seconds=10)

    api.change(destination, token="wrong again")
    wait_for(lambda: len(target.began) > GOOD_FOR + refused and held(), seconds=10)
    assert len(target.began) == GOOD_FOR + refused + 1, "settings that are no better cost one request"

    asked = len(target.began)
    api.change(destination, token="new")
    settle(api.publisher)
    prove(target, api.publisher, lead_ids)
    canary, second = target.began[asked : asked + 2]
    refusals = Attempt.objects.filter(outcome="misconfigured").count()
    tell(
        f"{LEADS} leads, the password refused after {GOOD_FOR}: {refusals} requests refused, {target.doubled} doubled."
    )
    assert (canary[1], second[1]) == (0, 0), "the second is sent when the canary has been answered"
    assert canary[0] in target.landed
    assert refusals == refused + 1
    assert target.doubled == 0
    assert not Delivery.objects.exclude(attempts=1).exists()
