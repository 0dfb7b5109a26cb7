"""A publisher's endpoint on the loopback, which the portal reaches at its real-looking address."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from connectors.behaviours import answer
from connectors.fakes import FakeServer


@pytest.fixture
def receiver(settings: Settings) -> Iterator[FakeServer]:
    """Take every message, whatever host it is for."""
    with FakeServer(answer(200, {"id": "L-4711"})) as server:
        settings.SANDBOX = True
        settings.OUTBOUND_CONNECT_TO = f"*={server.url}"
        yield server
