"""An imitated organization behind the hosts of Salesforce."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from pytest_django.fixtures import Settings

from connectors import behaviours, oauth
from connectors.fakes import Behaviour, FakeServer, Line, Recorded
from connectors.salesforce import schemas
from connectors.salesforce.imitation.organization import Organization
from connectors.salesforce.imitation.routes import respond
from connectors.stand_in import Call


def behaving(org: Organization) -> Behaviour:
    """Answer as the organization does."""

    def behave(request: Recorded, line: Line) -> None:
        place = urlsplit(request.path)
        host = request.headers.get("host", "").partition(":")[0]
        call = Call(
            method=request.method,
            host=host,
            path=place.path,
            query=place.query,
            headers=request.headers,
            body=request.body,
        )
        reply = respond(org, call)
        behaviours.answer(reply.status, reply.body, **dict(reply.headers))(request, line)

    return behave


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
