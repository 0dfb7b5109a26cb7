"""What must hold when the dust has settled."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Protocol

from django.db.models import F

from leads import audit
from leads.balance import balance
from leads.models import Attempt, Delivery, Destination, Publisher
from tests.waiting import wait_for

MINUTE = timedelta(minutes=1)


def settle(publisher: Publisher, seconds: float = 60) -> None:
    """Wait until nothing waits."""
    wait_for(
        lambda: not Delivery.objects.filter(publisher=publisher, state__in=Delivery.OPEN).exists(), seconds=seconds
    )


class Receives(Protocol):
    """Whatever leads go to. ``landed`` is how often each did, by its id."""

    @property
    def landed(self) -> Mapping[str, int]: ...


def prove(target: Receives, publisher: Publisher, accepted: Collection[str]) -> None:
    """Compare what was accepted, what has landed by distinct id, and what the books say."""
    books = balance(publisher.pk)
    assert books.adds_up
    assert (books.received, books.delivered, books.waiting) == (len(accepted), len(accepted), 0)
    assert set(target.landed) == set(accepted)
    assert audit.examine(publisher.leads.all(), publisher.slug) == []


def lost_claims() -> int:
    return Attempt.objects.filter(outcome="lost").count()


def let_leases_pass() -> None:
    """Do to the rows what a minute of waiting would: claims and turns end."""
    Delivery.objects.filter(state=Delivery.State.SENDING).update(claimed_until=F("claimed_until") - MINUTE)
    Destination.objects.update(drain_until=F("drain_until") - MINUTE)
