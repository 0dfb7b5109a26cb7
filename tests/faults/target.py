"""The system that leads go to, and how it fails. It keeps each lead by its id, as an idempotent receiver does."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock
from time import monotonic
from typing import Self

from connectors import behaviours
from connectors.fakes import Behaviour, FakeServer, Line, Recorded

Landed = Callable[[], None]
Conduct = Callable[[Recorded, Line, Landed], None]
"""What it does with a request; it calls ``Landed`` at the moment when it keeps the lead, if it does."""


def takes(request: Recorded, line: Line, landed: Landed) -> None:
    landed()
    behaviours.answer(200)(request, line)


def takes_then(fault: Behaviour) -> Conduct:
    """Keep the lead, then fail to say so."""

    def conduct(request: Recorded, line: Line, landed: Landed) -> None:
        landed()
        fault(request, line)

    return conduct


def refuses(answer: Behaviour) -> Conduct:
    """Answer, and keep nothing."""

    def conduct(request: Recorded, line: Line, landed: Landed) -> None:
        answer(request, line)

    return conduct


def takes_after(seconds: float) -> Conduct:
    """Keep the lead at once, and take a while to say so."""

    def conduct(request: Recorded, line: Line, landed: Landed) -> None:
        landed()
        line.closing.wait(seconds)
        behaviours.answer(200)(request, line)

    return conduct


class Stalls:
    """Keep each lead; say so of the first after a moment, and of the others when ``released``."""

    def __init__(self, moment: float = 0.05) -> None:
        self.released = Event()
        self.moment = moment

    def __call__(self, request: Recorded, line: Line, landed: Landed) -> None:
        landed()
        moment, self.moment = self.moment, 60.0
        self.released.wait(moment)
        behaviours.answer(200)(request, line)


class Wants:
    """Keep the leads that come with the right token. Let in one at a time, it shows who came beside another."""

    def __init__(self, token: str) -> None:
        self.token = token

    def __call__(self, request: Recorded, line: Line, landed: Landed) -> None:
        if request.headers["authorization"] != f"Bearer {self.token}":
            behaviours.answer(401, "no")(request, line)
            return
        takes(request, line, landed)


class Target:
    """Counts how often each lead ``landed``, and in which order; behaves as its ``conduct`` says."""

    def __init__(self, conduct: Conduct = takes) -> None:
        self.conduct = conduct
        self.landed: Counter[str] = Counter()
        self.in_flight = 0
        self.began: list[tuple[str, int]] = []
        """Each request: the lead's id, and how many others were open just then."""
        self.landed_at: dict[str, float] = {}
        self.server = FakeServer(self._behave)
        self._lock = Lock()

    @property
    def doubled(self) -> int:
        """Count what landed more often than once."""
        return self.landed.total() - len(self.landed)

    def __enter__(self) -> Self:
        self.server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.__exit__()

    def _behave(self, request: Recorded, line: Line) -> None:
        lead_id = request.headers["webhook-id"]
        with self._lock:
            self.began.append((lead_id, self.in_flight))
            self.in_flight += 1
        try:
            self.conduct(request, line, lambda: self._keep(lead_id))
        finally:
            with self._lock:
                self.in_flight -= 1

    def _keep(self, lead_id: str) -> None:
        with self._lock:
            self.landed[lead_id] += 1
            self.landed_at.setdefault(lead_id, monotonic())


@contextmanager
def deaf_port() -> Iterator[int]:
    """Hold a port whose queue is full, so that whoever connects there waits for ever."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        queue = [_knock(listener.getsockname()) for _ in range(8)]
        yield listener.getsockname()[1]
        for waiting in queue:
            waiting.close()


def _knock(address: tuple[str, int]) -> socket.socket:
    visitor = socket.socket()
    visitor.setblocking(False)
    visitor.connect_ex(address)
    return visitor
