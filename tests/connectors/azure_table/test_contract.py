"""The table keeps the contract of every connector, whichever way it signs in and whoever plays Azure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, ClassVar

import pytest
from azure.core.exceptions import ResourceExistsError

from connectors.answers import MASK
from connectors.azure_table.azurite import Azurite
from connectors.azure_table.config import AzureTableConfig
from connectors.base import Preview
from connectors.fakes import Behaviour, Recorded
from connectors.testing import ConnectorContract
from tests.connectors.azure_table.signatures import account_signature
from tests.connectors.azure_table.worlds import (
    AS_APPLICATION,
    BY_KEY,
    Directory,
    behind,
    directly,
    played_by,
    rows_of,
    tables,
)


class TestWithKey(ConnectorContract):
    slug = "azure_table"
    stored: ClassVar[Mapping[str, Any]] = BY_KEY
    mapping = {"Campaign": "{OfferTitle} / {LeadSource}"}

    def accepting(self) -> Behaviour:
        return played_by(tables().respond)

    def idempotency_key(self, request: Recorded) -> object:
        return tuple(rows_of(request)) or None

    def same(self, preview: Preview, sent: Recorded) -> bool:
        shown = {name.lower(): value for name, value in preview.headers.items()}
        plain = {name for name, value in shown.items() if MASK not in value} - {"date", "x-ms-client-request-id"}
        return (
            json.loads(preview.body) == sent.json()
            and preview.method == sent.method
            and {name: shown[name] for name in plain - {"x-ms-date"}}
            == {name: sent.headers[name] for name in plain - {"x-ms-date"}}
            and shown.keys() == sent.headers.keys() - {"host"}
            and self._unsigned(preview.url) == self._unsigned(f"https://{sent.headers['host']}{sent.path}")
        )

    @property
    def secrets(self) -> list[str]:
        config = AzureTableConfig.load(self.stored)
        return [*super().secrets, *config.access().secrets]

    def _unsigned(self, url: str) -> str:
        return url.partition("?")[0]


class TestAsApplication(TestWithKey):
    stored = AS_APPLICATION

    def accepting(self) -> Behaviour:
        return played_by(Directory().respond)

    @property
    def secrets(self) -> list[str]:
        return [*super().secrets, "sesame-token-0"]


class TestWithKeyAtAzurite(TestWithKey):
    @pytest.fixture(autouse=True)
    def _azurite(self, azurite_server: Azurite) -> None:
        self.azurite = azurite_server
        with suppress(ResourceExistsError):
            directly(azurite_server).create_table()

    def accepting(self) -> Behaviour:
        return behind(self.azurite)


class TestWithSignatureAtAzurite(TestWithKeyAtAzurite):
    stored = BY_KEY | {"connection_string": account_signature()}
