"""A lead that nobody mistakes for a person's."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

from connectors.base import LeadPayload

_TICKS_AT_UNIX_EPOCH = 621_355_968_000_000_000
"""Tenths of a microsecond since the year 1: what existing filters expect after ``MSFT_TEST_``, 18 digits."""


def test_mark(now: datetime) -> str:
    """Return the text by which publishers' filters know a test lead."""
    return f"MSFT_TEST_{_TICKS_AT_UNIX_EPOCH + int(now.timestamp() * 10_000_000)}"


def sample_lead() -> LeadPayload:
    """Make a test lead for a check or a preview."""
    now = datetime.now(UTC)
    mark = test_mark(now)
    return LeadPayload(
        id=str(uuid4()),
        offer_id="test.connection-check",
        offer_title="Connection check",
        source="AzureMarketplace",
        action="INS",
        received_at=now,
        first_name=mark,
        last_name=mark,
        email=f"{mark}@example.com",
        phone="1234567890",
        country="US",
        company=mark,
        title=mark,
        description=mark,
        is_test=True,
    )
