"""A receiver fails in every way there is, then recovers. The clock is advanced, never slept."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from connectors import behaviours
from connectors.fakes import refusing_port
from connectors.https_endpoint.connector import HttpsEndpoint
from leads import delivery, sweep, wake
from leads.models import Attempt, Delivery, Destination
from tests.factories import make_destination, make_lead, make_offer, make_publisher
from tests.faults.books import prove
from tests.faults.target import Conduct, Target, refuses, takes, takes_then

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

Tell = Callable[[str], None]

LEADS = 30
SWEEP = timedelta(seconds=10)
MINUTES = timedelta(minutes=1)
DEADLINE = 0.4
"""Seconds one request may take here, so that what hangs does not hang the tests."""


class Clock:
    """The time of day in the portal, which goes on and can be put forward."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.ahead = timedelta()
        self._now = timezone.now
        patch.setattr(timezone, "now", lambda: self._now() + self.ahead)


class Portal:
    """One worker and the sweep, in this process, by the clock."""

    def __init__(self, clock: Clock, target: Target, woken: list[int]) -> None:
        self.clock = clock
        self.target = target
        self.woken = woken
        self.destination = make_destination(url="https://leads.example.com/in")
        self.offer = make_offer(routes=(self.destination,))

    def accept(self, number: int) -> set[str]:
        first = Delivery.objects.count()
        return {str(make_lead(self.offer, f"c{n}@example.com").lead_id) for n in range(first, first + number)}

    def go_on(self, wait: timedelta) -> None:
        """Let time pass as beat does: a sweep every ten seconds, each wake-up heard."""
        until = timezone.now() + wait
        while timezone.now() < until and Delivery.objects.filter(state__in=Delivery.OPEN).exists():
            sweep.sweep()
            while self.woken:
                delivery.drain(self.woken.pop())
            self.clock.ahead += SWEEP


@pytest.fixture
def target(settings: Settings) -> Iterator[Target]:
    with Target() as target:
        settings.SANDBOX = True
        settings.OUTBOUND_CONNECT_TO = f"*={target.server.url}"
        yield target


@pytest.fixture
def portal(target: Target, monkeypatch: pytest.MonkeyPatch) -> Portal:
    woken: list[int] = []
    monkeypatch.setattr(wake, "send", woken.extend)
    monkeypatch.setattr(wake, "insist", woken.extend)
    monkeypatch.setattr(HttpsEndpoint, "deadline", DEADLINE)
    return Portal(Clock(monkeypatch), target, woken)


@dataclass(frozen=True, slots=True)
class Fault:
    """``unsaid``: it keeps leads without our ever learning, so each such try lands once more."""

    conduct: Conduct
    because: str
    unsaid: bool = False
    stops: bool = True
    """Whether the destination is stopped by it; otherwise the leads pass all the same."""


FAULTS = {
    "hangs": Fault(takes_then(behaviours.hang), "it kept leads and never said so", unsaid=True),
    "breaks off": Fault(takes_then(behaviours.close), "it kept leads and broke off", unsaid=True),
    "breaks off, having kept nothing": Fault(refuses(behaviours.close), "what it never kept lands once"),
    "drips its headers": Fault(takes_then(behaviours.drip_head), "its answers never ended", unsaid=True),
    "speaks no HTTP": Fault(takes_then(behaviours.garbage), "its answers could not be read", unsaid=True),
    "answers 500 and keeps the lead": Fault(takes_then(behaviours.answer(500)), "its 500 was untrue", unsaid=True),
    "answers 503": Fault(refuses(behaviours.answer(503)), "what it refused lands once"),
    "half-closes": Fault(takes_then(behaviours.half_close), "its 200 is an answer, whatever follows", stops=False),
    "drips its body": Fault(takes_then(behaviours.drip_body), "its 200 is an answer, whatever follows", stops=False),
    "never ends its body": Fault(takes_then(behaviours.endless), "its 200 is an answer, whatever follows", stops=False),
}


@pytest.mark.parametrize("name", FAULTS)
def test_nothing_is_lost_at_a_receiver_that(name: str, portal: Portal, target: Target, tell: Tell) -> None:
    fault = FAULTS[name]
    target.conduct = fault.conduct
    lead_ids = portal.accept(LEADS)
    portal.go_on(5 * MINUTES)
    stopped = Destination.objects.exclude(state="active").exists()
    tries_that_failed = Attempt.objects.exclude(outcome="created").count()
    target.conduct = takes
    lead_ids |= portal.accept(LEADS)
    portal.go_on(3 * 60 * MINUTES)
    prove(target, portal.offer.publisher, lead_ids)
    tell(f"A receiver that {name}: {target.doubled} of {len(lead_ids)} requests doubled: {fault.because}.")
    assert stopped == fault.stops
    assert target.doubled == (tries_that_failed if fault.unsaid else 0)


def test_nothing_is_lost_at_a_receiver_that_refuses_connections(
    portal: Portal, target: Target, settings: Settings, tell: Tell
) -> None:
    there = settings.OUTBOUND_CONNECT_TO
    with refusing_port() as port:
        settings.OUTBOUND_CONNECT_TO = f"*=http://127.0.0.1:{port}"
        lead_ids = portal.accept(LEADS)
        portal.go_on(5 * MINUTES)
        assert Destination.objects.get().problem_cause == "refused"
    settings.OUTBOUND_CONNECT_TO = there
    portal.go_on(3 * 60 * MINUTES)
    prove(target, portal.offer.publisher, lead_ids)
    tell(f"A receiver that refuses connections: {target.doubled} doubled: nothing reached it.")
    assert target.doubled == 0


def test_a_receiver_that_answers_503_for_an_hour_is_asked_seldom_and_gets_everything(
    portal: Portal, target: Target, tell: Tell
) -> None:
    target.conduct = refuses(behaviours.answer(503))
    lead_ids = portal.accept(LEADS)
    portal.go_on(60 * MINUTES)
    asked = len(target.began)
    refused_tries = Attempt.objects.count()
    assert not target.landed
    target.conduct = takes
    portal.go_on(24 * 60 * MINUTES)
    prove(target, portal.offer.publisher, lead_ids)
    tell(f"503 for an hour: asked {asked} times meanwhile; {target.doubled} doubled, for it had kept none.")
    assert asked == refused_tries <= 4 + 24, "one round, then one lead at a time, ever more seldom"
    assert target.doubled == 0
    assert Attempt.objects.filter(outcome="created").count() == LEADS


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_receiver_that_answers_429_is_left_alone_as_long_as_it_asks(
    form: str, portal: Portal, target: Target, tell: Tell
) -> None:
    wish = {"seconds": "1200", "date": time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 1200))}
    target.conduct = refuses(behaviours.answer(429, "later", Retry_After=wish[form]))
    lead_ids = portal.accept(LEADS)
    portal.go_on(MINUTES)
    first_round = len(target.began)
    portal.go_on(18 * MINUTES)
    assert len(target.began) == first_round <= HttpsEndpoint.concurrency
    target.conduct = takes
    portal.go_on(3 * 60 * MINUTES)
    prove(target, portal.offer.publisher, lead_ids)
    tell(f"429 with Retry-After in {form}: {target.doubled} doubled, for it had kept none.")
    assert target.doubled == 0


def test_a_receiver_that_refuses_some_leads_gets_the_others(portal: Portal, target: Target) -> None:
    refused = portal.accept(1)

    def conduct(*request: object) -> None:
        (refuses(behaviours.answer(422)) if request[0].headers["webhook-id"] in refused else takes)(*request)  # type: ignore[attr-defined,arg-type]

    target.conduct = conduct
    others = portal.accept(LEADS)
    portal.go_on(5 * MINUTES)
    assert set(target.landed) == others
    assert Delivery.objects.filter(state="rejected").count() == 1
    assert make_publisher().destinations.get().state == "active"
