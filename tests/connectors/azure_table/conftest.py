"""A storage account to send leads to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from connectors import oauth, registry
from connectors.azure_table.azurite import Azurite
from connectors.azure_table.fake.tables import FakeTables
from connectors.base import LeadPayload, Receipt
from connectors.errors import DeliveryError
from connectors.fakes import FakeServer
from tests.connectors.azure_table.worlds import BY_KEY, Directory, behind, played_by, tables

Deliver = Callable[..., list[Receipt | DeliveryError]]


@pytest.fixture(autouse=True)
def _no_tokens() -> None:
    oauth.forget_all()


@pytest.fixture
def account() -> FakeTables:
    return tables()


@pytest.fixture
def azure(settings: Settings, account: FakeTables) -> Iterator[FakeServer]:
    """Be Azure, played by the fake; keeps every request."""
    with FakeServer(played_by(account.respond)) as server:
        _lead_to(server, settings)
        yield server


@pytest.fixture
def azurite(settings: Settings, azurite_server: Azurite) -> Iterator[FakeServer]:
    """Be Azure, played by Azurite; keeps every request."""
    with FakeServer(behind(azurite_server)) as server:
        _lead_to(server, settings)
        yield server


@pytest.fixture
def directory() -> Directory:
    return Directory()


@pytest.fixture
def entra(settings: Settings, directory: Directory) -> Iterator[FakeServer]:
    """Be Azure and the directory that its applications sign in to."""
    with FakeServer(played_by(directory.respond)) as server:
        _lead_to(server, settings)
        yield server


def _lead_to(server: FakeServer, settings: Settings) -> None:
    settings.SANDBOX = True
    settings.OUTBOUND_CONNECT_TO = f"*={server.url}"


@pytest.fixture
def deliver() -> Deliver:
    """Deliver leads through a connector of their own."""

    def send(
        *leads: LeadPayload, stored: Mapping[str, Any] = BY_KEY, mapping: Mapping[str, str] | None = None
    ) -> list[Receipt | DeliveryError]:
        with registry.connect("azure_table", stored, mapping) as connector:
            return connector.deliver(leads)

    return send


def lead(number: int = 1, **given: Any) -> LeadPayload:
    """Make a lead of a customer's, told from others by its number."""
    facts: dict[str, Any] = {
        "id": f"7f1f7f0e-5f0c-4f3b-9c1e-{number:012d}",
        "offer_id": "contoso.crm",
        "offer_title": "Contoso CRM",
        "source": "SPZA",
        "action": "PLT",
        "received_at": datetime.fromisoformat("2026-11-22T11:00:00.123456+01:00"),
        "first_name": "Zoë",
        "email": "zoe@contoso.example",
    }
    return LeadPayload(**facts | given)
