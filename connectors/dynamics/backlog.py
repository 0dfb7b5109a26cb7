"""How many leads go into one request: one, until so many have come that a backlog is being worked off."""

from __future__ import annotations

from threading import Lock
from time import monotonic

LARGE = 500
"""Leads one after the other from which on they go in batches: one to a request, they would soon meet the limit of 6,000
requests in five minutes."""
BATCH = 10
"""Leads in a batch. Microsoft advises small ones, several at a time:
https://learn.microsoft.com/power-apps/developer/data-platform/api-limits#how-to-maximize-throughput"""
PAUSE = 10.0
"""Seconds without a lead after which what comes is no backlog any more."""


class Backlog:
    """Counts what one connector sends; safe to share between threads."""

    def __init__(self) -> None:
        self._sent = 0
        self._last = monotonic()
        self._lock = Lock()

    def batch_size(self, sent: int = 0) -> int:
        """Count leads as sent; return how many are to go into each request from now on."""
        with self._lock:
            now = monotonic()
            self._sent = (0 if now - self._last > PAUSE else self._sent) + sent
            self._last = now
            return BATCH if self._sent >= LARGE else 1
