"""Dynamics 365 keeps the contract of every connector, whichever way it signs in and however many leads go at once."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from connectors.answers import MASK
from connectors.base import Preview
from connectors.dynamics import backlog
from connectors.dynamics.imitation.environment import Environment
from connectors.fakes import Behaviour, FakeServer, Recorded
from connectors.testing import ConnectorContract
from tests.connectors.dynamics.acting import STORED, USER
from tests.connectors.dynamics.conftest import behaving
from tests.connectors.dynamics.keys_for_tests import PEM

_PLACE = re.compile(r"PATCH \S*/(leads\([0-9a-f-]{36}\)) HTTP")


class TestDynamics(ConnectorContract):
    slug = "dynamics"
    stored: ClassVar[Mapping[str, Any]] = STORED
    mapping = {"new_offer": "{OfferTitle}"}

    def accepting(self) -> Behaviour:
        return behaving(Environment())

    def idempotency_key(self, request: Recorded) -> object:
        if request.path.endswith("$batch"):
            return tuple(_PLACE.findall(request.body.decode()))
        return request.path.rpartition("/")[2] if request.method == "PATCH" else None

    def same(self, preview: Preview, sent: Recorded) -> bool:
        shown = {name.lower(): value for name, value in preview.headers.items()}
        plain = {name: value for name, value in shown.items() if MASK not in value}
        return (
            json.loads(preview.body) == sent.json()
            and plain.items() <= sent.headers.items()
            and preview.url == f"https://{sent.headers['host']}{sent.path}"
            and preview.method == sent.method
        )


class TestWithACertificate(TestDynamics):
    stored = {**STORED, "authentication": "certificate", "application_key": "", "certificate": PEM}


class TestAsAUser(TestDynamics):
    stored = {"instance_url": STORED["instance_url"], "lead_source": "", **USER}


class TestInBatches(TestDynamics):
    @pytest.fixture(autouse=True)
    def _backlog(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(backlog, "LARGE", 0)

    def test_a_full_batch_is_one_request(self, server: FakeServer) -> None:
        self.deliver(self.leads())
        assert len([sent for sent in server.requests if sent.path.endswith("$batch")]) == 1
