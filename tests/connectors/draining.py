"""Thousands of leads for one destination, and a target that falls silent in their middle."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event as Signal

from connectors.fakes import Behaviour, Line, Recorded
from leads import delivery, intake
from leads.events import Contact, Event
from leads.models import Destination, Offer
from leads.taxonomy import Action, Source
from tests.factories import make_offer

AT_ONCE = 1_000


def receive(destination: Destination, number: int, first: int = 0) -> None:
    """Accept leads for the destination from the customers ``first`` and following."""
    offer = make_offer(f"offer-{destination.pk}", routes=(destination,))
    everyone = range(first, first + number)
    for start in range(0, number, AT_ONCE):
        intake.receive_many([_event(offer, each) for each in everyone[start : start + AT_ONCE]])


def _event(offer: Offer, number: int) -> Event:
    customer = Contact(email=f"c{number}@example.com", last_name=f"Customer {number}", company="Contoso")
    return Event(offer=offer, source=Source.APPSOURCE, action=Action.INSTALL, contact=customer)


def drain(destination: Destination) -> None:
    """Deliver until nothing is left that can be."""
    while delivery.drain(destination.pk):
        pass


class FallsSilent:
    """Do as usual; while it ``is_time``, keep what came and say nothing, until told to ``go_on``."""

    def __init__(self, usual: Behaviour, is_time: Callable[[], bool]) -> None:
        self._usual = usual
        self._is_time = is_time
        self._released = Signal()

    def __call__(self, request: Recorded, line: Line) -> None:
        self._usual(request, _Muted(line, self._wait))

    def go_on(self) -> None:
        self._released.set()

    def _wait(self) -> None:
        if self._is_time():
            self._released.wait(60)


class _Muted(Line):
    def __init__(self, line: Line, wait: Callable[[], None]) -> None:
        vars(self).update(vars(line))
        self._wait = wait

    def write(self, content: bytes) -> None:
        self._wait()
        super().write(content)
