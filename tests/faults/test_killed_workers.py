"""Leads keep coming in while workers die and the broker forgets everything."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from redis import Redis
from standardwebhooks import Webhook

from connectors import behaviours
from connectors.fakes import FakeServer, Line, Recorded
from leads import keys
from leads.balance import balance
from leads.models import Attempt, Publisher
from tests.factories import make_publisher
from tests.live import StartWorkers
from tests.waiting import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

LEADS = 500
KILLS = 4
PACE = 0.08
"""Seconds between two leads of one sender, so that leads keep coming while workers die."""
SLOW = 0.03
"""Seconds the receiver takes, so that a worker that dies has leads in hand."""


def take_your_time(request: Recorded, line: Line) -> None:
    time.sleep(SLOW)
    behaviours.answer(200)(request, line)


@pytest.fixture
def receiver(live_environment: dict[str, str]) -> Iterator[FakeServer]:
    with FakeServer(take_your_time) as server:
        live_environment["OUTBOUND_CONNECT_TO"] = f"leads.example.com={server.url}"
        yield server


class Api:
    """The outside face of the site, as a marketplace and a publisher use it."""

    def __init__(self, site: str, publisher: Publisher) -> None:
        self.site = site
        self.as_publisher = {"Authorization": f"Bearer {keys.issue('publisher', publisher)[1]}"}
        self.as_marketplace = {"Authorization": f"Bearer {keys.issue('marketplace')[1]}"}

    def post(self, path: str, content: dict[str, Any], headers: dict[str, str]) -> dict[str, Any]:
        answer = requests.post(f"{self.site}/api/v1{path}", json=content, headers=headers, timeout=30)
        assert answer.ok, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def connect(self) -> dict[str, Any]:
        """Make an endpoint and an offer that is routed to it."""
        config = {"url": "https://leads.example.com/in", "auth": "none"}
        settings = {"name": "Sales", "connector": "https_endpoint", "config": config}
        destination = self.post("/destinations", settings, self.as_publisher)
        offer = {"offer_id": "crm", "title": "CRM", "storefronts": ["appsource"], "destinations": [destination["id"]]}
        self.post("/offers", offer, self.as_publisher)
        return destination

    def send(self, number: int) -> str:
        lead = {
            "OfferId": "contoso.crm",
            "LeadSource": "SPZA",
            "ActionCode": "INS",
            "UserDetails": {"Email": f"customer{number}@example.com"},
        }
        key = {"Idempotency-Key": f"lead-{number}"}
        return str(self.post("/leads", lead, self.as_marketplace | key)["LeadId"])

    def send_at_leisure(self, number: int) -> str:
        time.sleep(PACE)
        return self.send(number)


@pytest.fixture
def api(receiver: FakeServer, live_portal: str) -> Api:
    return Api(live_portal, make_publisher())


def ids(receiver: FakeServer) -> Counter[str]:
    return Counter(request.headers["webhook-id"] for request in receiver.requests)


@pytest.mark.usefixtures("celery_beat_process")
def test_no_lead_is_lost_when_workers_are_killed_and_the_broker_is_wiped(
    api: Api,
    receiver: FakeServer,
    redis: Redis,
    celery_worker_process: StartWorkers,
    capsys: pytest.CaptureFixture[str],
) -> None:
    api.connect()
    workers = celery_worker_process(n=2)
    with ThreadPoolExecutor(4) as posting:
        accepted = posting.map(api.send_at_leisure, range(LEADS))
        for kill in range(KILLS):
            time.sleep(0.7)
            workers[kill % 2].kill9()
            if kill == 1:
                redis.flushall()
            workers[kill % 2] = celery_worker_process()[0]
        lead_ids = set(accepted)
    wait_for(lambda: len(ids(receiver)) >= LEADS, seconds=120)
    wait_for(lambda: balance(make_publisher().pk).waiting == 0, seconds=60)
    doubled = sum(times - 1 for times in ids(receiver).values())
    lost = Attempt.objects.filter(outcome="lost").count()
    with capsys.disabled():
        print(f"\n{LEADS} leads, {KILLS} kills, 1 wipe: {doubled} requests doubled, {lost} claims taken back")
    assert len(lead_ids) == LEADS
    assert set(ids(receiver)) == lead_ids
    assert doubled <= lost, "only what a dead worker had in hand may be sent again"


def test_a_lead_arrives_within_a_second_signed_and_once(
    api: Api, receiver: FakeServer, celery_worker_process: StartWorkers
) -> None:
    secret = api.connect()["signing_secret"]
    celery_worker_process()
    began = time.monotonic()
    lead_id = api.send(1)
    wait_for(lambda: bool(receiver.requests), seconds=5)
    took = time.monotonic() - began
    assert api.send(1) == lead_id
    time.sleep(0.5)
    [request] = receiver.requests
    assert took < 1
    Webhook(secret).verify(request.body, dict(request.headers))
    assert json.loads(request.body)["LeadId"] == request.headers["webhook-id"] == lead_id
    assert request.headers["host"] == "leads.example.com"
