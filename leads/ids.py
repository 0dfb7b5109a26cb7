"""Identifiers of leads: UUID version 7, so that newer sorts after older and inserts stay at one end of the index."""

from __future__ import annotations

import secrets
import time
from datetime import datetime
from uuid import UUID


def uuid7(at: datetime | None = None) -> UUID:
    """Make a time-ordered identifier (RFC 9562, section 5.7), of now or of another time."""
    milliseconds = int(at.timestamp() * 1000) if at else time.time_ns() // 1_000_000
    random = secrets.randbits(74)
    version, variant = 0x7 << 76, 0x2 << 62
    return UUID(int=milliseconds << 80 | version | (random >> 62) << 64 | variant | random & ((1 << 62) - 1))
