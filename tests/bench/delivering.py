"""How fast leads go out, what it costs, and how soon one arrives."""

from __future__ import annotations

import http.client
import statistics
import time

import psutil
import requests
from django.conf import settings
from django.db import connection
from redis import Redis

from leads import intake, wake
from leads.events import Contact, Event
from leads.models import Destination, Offer
from leads.taxonomy import Action, Source
from tests.bench import bare, load
from tests.bench.stage import Stage, wait_until_idle
from tests.factories import make_offer

DELIVERED = 10_000
LATENCIES = 300
PACE = 1 / 20
"""Seconds between two leads when latency is measured."""
ALLOWED_MS = 3.0
"""CPU milliseconds a lead that all processes of the product and PostgreSQL may take together."""


def deliver(stage: Stage, run: int) -> dict[str, tuple[float, float]]:
    """Leads a second by two workers, beside as many bare ``requests`` loops; and CPU milliseconds a lead."""
    bodies = [load.lead(number, f"deliver{run}-") for number in range(DELIVERED)]
    floor = load.rate(
        load.post_with_requests(stage.receiver), bodies, threads=len(stage.destinations) // load.PROCESSES
    )
    offers = [make_offer(f"deliver-{run}-{n}", routes=(to,)) for n, to in enumerate(stage.destinations)]
    Destination.objects.update(state=Destination.State.PAUSED)
    for number in range(0, DELIVERED, 500):
        intake.receive_many([_event(offers[n % 8], f"{run}-{n}@example.com") for n in range(number, number + 500)])
    with stage.workers():
        stage.arrivals()
        Destination.objects.update(state=Destination.State.ACTIVE)
        spent, began = _cpu(stage), time.monotonic()
        wake.insist([destination.pk for destination in stage.destinations])
        wait_until_idle(stage.destinations)
        product = DELIVERED / (time.monotonic() - began)
        spent = _cpu(stage) - spent
    assert len({id_ for id_, _ in stage.arrivals()}) == DELIVERED
    return {"rate": (product, floor), "cpu": (1000 * spent / DELIVERED, ALLOWED_MS)}


def latency(stage: Stage, run: int) -> dict[str, tuple[float, float]]:
    """Milliseconds from asking to accept a lead to its arrival, at 20 a second, beside the bare steps."""
    floor = _bare_steps(stage)
    with stage.web() as port, stage.workers():
        _paced(stage, port, f"warm{run}-", 40)
        product = _paced(stage, port, f"latency{run}-", LATENCIES)
    return {"p50": (_median(product), _median(floor)), "p99": (_p99(product), _p99(floor))}


def _cpu(stage: Stage) -> float:
    """Sum the CPU seconds of everything that was started here, but for the receiver."""
    total = 0.0
    for process in psutil.Process().children(recursive=True):
        if process.pid != stage.receiver_pid:
            times = process.cpu_times()
            total += times.user + times.system
    return total


def _paced(stage: Stage, port: int, mark: str, number: int) -> list[float]:
    site = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    began: list[float] = []
    for n in range(number):
        began.append(time.monotonic())
        site.request("POST", "/api/v1/leads", load.lead(n, mark), stage.headers | {"Content-Type": "application/json"})
        site.getresponse().read()
        time.sleep(max(0.0, began[-1] + PACE - time.monotonic()))
    wait_until_idle(stage.destinations)
    arrived = sorted(when for _, when in stage.arrivals())
    assert len(arrived) == number
    return [end - start for start, end in zip(began, arrived, strict=True)]


def _bare_steps(stage: Stage) -> list[float]:
    took: list[float] = []
    body = load.lead(0, "bare")
    with requests.Session() as session, connection.cursor() as cursor, Redis.from_url(settings.REDIS_URL) as broker:
        session.trust_env = False
        for _ in range(LATENCIES):
            began = time.monotonic()
            cursor.execute(bare.INSERT, ["bare@example.com", body.decode()])
            broker.lpush("bench", body)
            broker.rpop("bench")
            session.post(stage.receiver, data=body, timeout=30)
            took.append(time.monotonic() - began)
            time.sleep(PACE / 4)
    stage.arrivals()
    return took


def _event(offer: Offer, email: str) -> Event:
    contact = Contact(email=email, first_name="Ada", last_name="Number")
    return Event(offer=offer, source=Source.AZURE_MARKETPLACE, action=Action.INSTALL, contact=contact)


def _median(seconds: list[float]) -> float:
    return statistics.median(seconds) * 1000


def _p99(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=100)[98] * 1000
