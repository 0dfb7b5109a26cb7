"""A drain that has nothing left stays on the line for a moment.

At a trickle of leads the next one finds its worker waiting, with the turn, the connector and the connection at hand,
and needs no message through Celery. Nothing rests on it: a drain that hears nothing, or whose broker is away, ends as
it would have, and looks once more.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from threading import BoundedSemaphore

from leads import wake

STAY = 0.8
"""Seconds to wait for the next lead; less than the broker may take to answer."""
SEATS = 8
"""Drains of one process that may wait so; the other threads are for destinations that have something to do."""

_seats = BoundedSemaphore(SEATS)


class Line:
    """Hears whoever calls this destination's worker."""

    def __init__(self, destination_id: int) -> None:
        self.destination_id = destination_id

    def open(self) -> bool:
        """Have calls come to this line from now on, for a little longer than one wait; whether that could be done."""
        return wake.attempt(partial(wake.listen, self.destination_id)) or False

    def rings(self) -> bool:
        """Wait for a call; whether one came."""
        return self.open() and (wake.attempt(partial(wake.rings, self.destination_id, STAY)) or False)

    def close(self) -> None:
        wake.attempt(partial(wake.hang_up, self.destination_id))


@contextmanager
def line(destination_id: int) -> Iterator[Line | None]:
    """Open a line for a destination; None where all seats are taken or the broker is away."""
    if not _seats.acquire(blocking=False):
        yield None
        return
    mine = Line(destination_id)
    try:
        yield mine if mine.open() else None
    finally:
        mine.close()
        _seats.release()
