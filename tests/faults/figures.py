"""Figures of how long things take."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence


def timed(act: Callable[[int], str], number: int) -> tuple[str, float]:
    """Do something; return what it answered and the seconds it took."""
    began = time.monotonic()
    return act(number), time.monotonic() - began


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the value that this many of a hundred do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) * percent // 100, len(ordered) - 1)]
