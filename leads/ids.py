"""Identifiers of leads: UUID version 7, so that newer sorts after older and inserts stay at one end of the index."""

from __future__ import annotations

import secrets
import time
from uuid import UUID


def uuid7() -> UUID:
    """Make a time-ordered identifier (RFC 9562, section 5.7)."""
    milliseconds = time.time_ns() // 1_000_000
    random = secrets.randbits(74)
    version, variant = 0x7 << 76, 0x2 << 62
    return UUID(int=milliseconds << 80 | version | (random >> 62) << 64 | variant | random & ((1 << 62) - 1))
