"""Claims of several connections at once, as when a turn has ended before its drain did."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import TypeVar

import pytest
from django.db import connections, transaction
from django.utils import timezone

from leads import claims
from leads.models import Attempt, Delivery, Destination
from tests.factories import make_destination, make_offer
from tests.faults.accepting import accept

pytestmark = pytest.mark.django_db(transaction=True)

T = TypeVar("T")

LEASE = timedelta(seconds=30)
CROWD = 8
LEADS = 400


@pytest.fixture
def destination() -> Destination:
    destination = make_destination()
    accept(make_offer(routes=(destination,)), LEADS)
    return destination


@pytest.fixture
def crowd() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(CROWD) as threads:
        yield threads


def apart(act: Callable[[], T]) -> T:
    """Do it by a connection of its own."""
    try:
        return act()
    finally:
        connections.close_all()


def claim(destination: Destination, limit: int) -> list[int]:
    taken = claims.claim(destination.pk, limit=limit, now=timezone.now(), lasts=LEASE)
    return [each.delivery_id for each in taken]


def claim_all(destination: Destination) -> list[int]:
    mine: list[int] = []
    while taken := claim(destination, 7):
        mine += taken
    return mine


def test_a_claim_takes_other_deliveries_than_one_that_has_not_ended_and_does_not_wait(
    destination: Destination, crowd: ThreadPoolExecutor
) -> None:
    Delivery.objects.filter(pk__in=Delivery.objects.values("pk")[: LEADS // 2]).update(attempts=1)
    with transaction.atomic():
        first = claim(destination, 5)
        second = crowd.submit(apart, partial(claim, destination, 5)).result(timeout=10)
    assert len(first) == len(second) == 5
    assert not set(first) & set(second)


def test_a_crowd_takes_each_delivery_once(destination: Destination, crowd: ThreadPoolExecutor) -> None:
    taken = [id_ for mine in crowd.map(apart, [partial(claim_all, destination)] * CROWD) for id_ in mine]
    assert sorted(taken) == sorted(Delivery.objects.values_list("pk", flat=True))
    assert set(Delivery.objects.values_list("claims", flat=True)) == {1}


def test_a_crowd_of_sweeps_takes_back_each_claim_once(destination: Destination, crowd: ThreadPoolExecutor) -> None:
    claim(destination, LEADS)
    Delivery.objects.update(claimed_until=timezone.now() - LEASE)
    taken_back = list(crowd.map(apart, [partial(claims.recover, timezone.now())] * CROWD))
    assert sum(taken_back) == Attempt.objects.count() == LEADS
    assert set(Delivery.objects.values_list("state", "attempts")) == {("waiting", 1)}
