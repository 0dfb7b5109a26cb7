"""Waiting for something to become true, and saying so when it does not."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_for(holds: Callable[[], bool], *, seconds: float) -> None:
    """Wait until it holds; AssertionError when the time is over."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, f"still not so after {seconds:.0f} seconds"
        time.sleep(0.05)
