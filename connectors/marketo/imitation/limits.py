"""The limits of the imitated subscription, held as Marketo holds them, and a log of who came when."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic

WINDOW = 20.0
"""Seconds."""


@dataclass
class Meter:
    """Counts calls of the API; a test may make it less patient."""

    in_window: int = 100
    at_once: int = 10
    a_day: int = 50_000

    today: int = 0
    spans: list[list[float]] = field(default_factory=list)
    """When each call came and went, those that were refused too."""
    refused: list[str] = field(default_factory=list)
    _under_way: int = 0
    _lock: Lock = field(default_factory=Lock)

    @contextmanager
    def call(self) -> Iterator[str]:
        """Let a call in; yields the code that refuses it, ``""`` where it is within the limits."""
        with self._lock:
            self._under_way += 1
            span = [monotonic(), float("inf")]
            self.spans.append(span)
            code = self._judge()
            self.today += not code
            self.refused += [code] if code else []
        try:
            yield code
        finally:
            with self._lock:
                self._under_way -= 1
                span[1] = monotonic()

    def most_within(self, seconds: float = WINDOW) -> int:
        """Return the most calls that came within any so many seconds."""
        begins = sorted(began for began, _ in self.spans)
        return max((sum(first <= other < first + seconds for other in begins) for first in begins), default=0)

    def most_at_once(self) -> int:
        """Return the most calls that were under way side by side."""
        return max((sum(began <= moment < ended for began, ended in self.spans) for moment, _ in self.spans), default=0)

    def _judge(self) -> str:
        now = monotonic()
        recent = sum(began > now - WINDOW for began, _ in self.spans[-self.in_window - 1 :])
        if self._under_way > self.at_once:
            return "615"
        if recent > self.in_window:
            return "606"
        return "607" if self.today >= self.a_day else ""
