"""The load: processes that send prepared requests over connections kept alive, as fast as they are answered."""

from __future__ import annotations

import http.client
import json
import multiprocessing
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests

PROCESSES = 2

Job = Callable[[list[Any]], None]


def lead(number: int, mark: str) -> bytes:
    """Write a lead as a marketplace would."""
    person = {
        "FirstName": "Ada",
        "LastName": f"Number {number}",
        "Email": f"{mark}{number}@example.com",
        "Country": "US",
    }
    body = {"OfferId": "contoso.crm", "LeadSource": "AzureMarketplace", "ActionCode": "INS", "UserDetails": person}
    return json.dumps(body).encode()


def rate(job: Job, work: Sequence[Any], *, threads: int) -> float:
    """Share work among processes, each with so many threads; return how much of it was done per second."""
    shares = [list(work[start::PROCESSES]) for start in range(PROCESSES)]
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(PROCESSES + 1)
    children = [context.Process(target=_child, args=(job, share, threads, barrier)) for share in shares]
    for child in children:
        child.start()
    barrier.wait()
    began = time.monotonic()
    for child in children:
        child.join()
    took = time.monotonic() - began
    assert all(child.exitcode == 0 for child in children)
    return len(work) / took


def _child(job: Job, share: list[Any], threads: int, barrier: Any) -> None:
    shares = [share[start::threads] for start in range(threads)]
    barrier.wait()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(job, shares))


def post_to_site(port: int, headers: dict[str, str]) -> Job:
    """Make a job that posts bodies to the site."""

    def job(bodies: list[bytes]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        for body in bodies:
            connection.request("POST", "/api/v1/leads", body, headers | {"Content-Type": "application/json"})
            answer = connection.getresponse()
            content = answer.read()
            assert answer.status == 202, content
        connection.close()

    return job


def post_batches(port: int, headers: dict[str, str], lines: int) -> Job:
    """Make a job that posts bodies of so many lines, all of which the site must take."""

    def job(bodies: list[bytes]) -> None:
        site = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for body in bodies:
            site.request("POST", "/api/v1/leads/batch", body, headers | {"Content-Type": "application/x-ndjson"})
            assert site.getresponse().read().count(b'"Status":202') == lines
        site.close()

    return job


def post_with_requests(url: str) -> Job:
    """Make a job that posts bodies with ``requests``, which is the floor of delivering."""

    def job(bodies: list[bytes]) -> None:
        with requests.Session() as session:
            session.trust_env = False
            for body in bodies:
                session.post(url, data=body, headers={"Content-Type": "application/json"}, timeout=30)

    return job
