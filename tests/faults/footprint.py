"""How much memory the portal's processes hold."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from operator import attrgetter

import psutil

MEGABYTE = 1e6


@dataclass(frozen=True, slots=True)
class Footprint:
    """Megabytes in memory. What processes share is counted once; ``rss`` counts it for each of them."""

    site: float
    workers: float
    rss: float

    @property
    def together(self) -> float:
        return self.site + self.workers

    def __str__(self) -> str:
        parts = f"site {self.site:.0f}, workers {self.workers:.0f}; {self.rss:.0f} if shared pages count each time"
        return f"{self.together:.0f} MB ({parts})"


def footprint() -> Footprint:
    """Measure the site and the workers that this process has started, with all their children."""
    site, workers = list(_memory("granian")), list(_memory("portal.worker"))
    pss, rss = attrgetter("pss"), attrgetter("rss")
    return Footprint(
        site=sum(map(pss, site)) / MEGABYTE,
        workers=sum(map(pss, workers)) / MEGABYTE,
        rss=sum(map(rss, site + workers)) / MEGABYTE,
    )


def _memory(argument: str) -> Iterator[object]:
    """Measure each process of the sessions that were begun by a command with this argument."""
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess, ProcessLookupError):
            if argument in psutil.Process(os.getsid(process.pid)).cmdline():
                yield process.memory_full_info()
