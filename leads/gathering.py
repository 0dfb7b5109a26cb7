"""Things that come at once are stored together, as databases commit in groups.

Nobody waits for company, but whoever comes while somebody stores is taken along by the next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Generic, TypeVar

Thing = TypeVar("Thing")
Answer = TypeVar("Answer")


@dataclass(slots=True, eq=False)
class _Guest(Generic[Thing, Answer]):
    thing: Thing
    turn: Event = field(default_factory=Event)
    served: bool = False
    answers: Sequence[Answer] = ()


class Gathering(Generic[Thing, Answer]):
    """Stores the things of many threads with few calls of ``store``, one call at a time.

    ``store`` takes all or nothing and answers in order. Where it fails for several, each is stored by itself, so that
    one bad thing fails alone.
    """

    def __init__(self, store: Callable[[list[Thing]], list[Answer]], most: int = 100) -> None:
        self._store = store
        self._most = most
        self._lock = Lock()
        self._waiting: list[_Guest[Thing, Answer]] = []
        self._busy = False

    def add(self, thing: Thing) -> Answer:
        """Store one thing and return the answer to it, or raise what ``store`` raises."""
        guest: _Guest[Thing, Answer] = _Guest(thing)
        if not self._is_first(guest):
            guest.turn.wait()
        if not guest.served:
            self._serve()
        [answer] = guest.answers or self._store([thing])
        return answer

    @property
    def waiting(self) -> int:
        """Tell how many wait for the one who is storing."""
        return len(self._waiting)

    def _is_first(self, guest: _Guest[Thing, Answer]) -> bool:
        with self._lock:
            self._waiting.append(guest)
            first, self._busy = not self._busy, True
            return first

    def _serve(self) -> None:
        with self._lock:
            party, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
        try:
            for guest, answer in zip(party, self._store([guest.thing for guest in party]), strict=True):
                guest.answers = [answer]
        except Exception:
            if len(party) == 1:
                raise
        finally:
            self._hand_on()
            for guest in party:
                guest.served = True
                guest.turn.set()

    def _hand_on(self) -> None:
        with self._lock:
            self._busy = bool(self._waiting)
            if self._busy:
                self._waiting[0].turn.set()
