"""What a connector's tests stand on: the connector under test, and the server it talks to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

import pytest
from pytest_django.fixtures import Settings

from connectors import behaviours, oauth, registry
from connectors.base import Connector, LeadPayload, Preview, Receipt
from connectors.errors import DeliveryError
from connectors.fakes import Behaviour, FakeServer, Recorded
from connectors.http import open_session
from connectors.samples import sample_lead

PATIENCE = 10.0
"""Seconds a connector is given where the test is not about time."""


class Harness:
    """Inherit, and set ``slug``, ``stored`` and whatever else differs."""

    slug: ClassVar[str]
    stored: ClassVar[Mapping[str, Any]]
    """Settings as they are stored, every secret that is used set to a text found nowhere else."""
    mapping: ClassVar[Mapping[str, str]] = {}

    def accepting(self) -> Behaviour:
        """Return how a healthy target answers any request."""
        return behaviours.answer(200, {})

    def idempotency_key(self, request: Recorded) -> object:
        """Return what tells the target that a lead is the same; None for a request that carries no lead."""
        raise NotImplementedError

    @pytest.fixture(autouse=True)
    def _no_tokens(self) -> None:
        oauth.forget_all()

    @pytest.fixture
    def server(self, settings: Settings) -> Iterator[FakeServer]:
        with FakeServer(self.accepting()) as server:
            settings.SANDBOX = True
            settings.OUTBOUND_CONNECT_TO = f"*={server.url}"
            yield server

    @property
    def connector_class(self) -> type[Connector[Any]]:
        return registry.get(self.slug)

    @contextmanager
    def connector(self, deadline: float = PATIENCE) -> Iterator[Connector[Any]]:
        found = self.connector_class
        with open_session(deadline=deadline, pool_size=2, answer_bytes=found.answer_bytes) as session:
            yield found(found.config_class.load(self.stored), session, self.mapping)

    def leads(self) -> list[LeadPayload]:
        """Make a full batch."""
        with self.connector() as connector:
            return [sample_lead() for _ in range(connector.batch_size)]

    def deliver(self, leads: Sequence[LeadPayload], deadline: float = PATIENCE) -> list[Receipt | DeliveryError]:
        with self.connector(deadline) as connector:
            return connector.deliver(leads)

    def same(self, preview: Preview, sent: Recorded) -> bool:
        """Compare a preview with what arrived; what is masked or tells the time may differ."""
        raise NotImplementedError

    @property
    def rungs(self) -> tuple[str, ...]:
        return self.connector_class.rungs_with(self.connector_class.config_class.load(self.stored))

    @property
    def secrets(self) -> list[str]:
        keys = self.connector_class.config_class.secret_keys()
        return [self.stored[key] for key in keys if self.stored.get(key)]
