"""An imitated organization behind the hosts of Salesforce."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from pytest_django.fixtures import Settings

from connectors import oauth
from connectors.fakes import Behaviour, FakeServer
from connectors.salesforce import schemas
from connectors.salesforce.imitation.organization import Organization
from connectors.salesforce.imitation.routes import respond
from tests.connectors.imitating import answering


def behaving(org: Organization) -> Behaviour:
    """Answer as the organization does."""
    return answering(partial(respond, org))


@pytest.fixture(autouse=True)
def _forgotten() -> None:
    oauth.forget_all()
    schemas.forget_all()


@pytest.fixture
def org() -> Organization:
    return Organization()


@pytest.fixture
def server(org: Organization, settings: Settings) -> Iterator[FakeServer]:
    with FakeServer(behaving(org)) as server:
        settings.SANDBOX = True
        settings.OUTBOUND_CONNECT_TO = f"*={server.url}"
        yield server
