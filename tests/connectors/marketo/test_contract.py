"""Marketo keeps the contract of every connector, whichever way leads go in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from connectors.answers import MASK
from connectors.base import Preview
from connectors.fakes import Behaviour, Recorded
from connectors.marketo.imitation.subscription import Subscription
from connectors.testing import ConnectorContract
from tests.connectors.marketo.acting import FORM, STORED
from tests.connectors.marketo.conftest import behaving


class TestMarketo(ConnectorContract):
    slug = "marketo"
    stored: ClassVar[Mapping[str, Any]] = STORED
    mapping = {"marketplaceOffer": "{OfferTitle}", "marketplaceNotes": "{Description}"}

    def accepting(self) -> Behaviour:
        return behaving(Subscription())

    def idempotency_key(self, request: Recorded) -> object:
        if b"@probe.invalid" in request.body or b'"input"' not in request.body:
            return None
        records = [each.get("leadFormFields", each) for each in request.json()["input"]]
        return tuple(record["email"] for record in records)

    def same(self, preview: Preview, sent: Recorded) -> bool:
        shown = {name.lower(): value for name, value in preview.headers.items()}
        plain = {name: value for name, value in shown.items() if MASK not in value}
        return (
            json.loads(preview.body) == sent.json()
            and plain.items() <= sent.headers.items()
            and preview.url == f"https://{sent.headers['host']}{sent.path}"
            and preview.method == sent.method
        )


class TestByProgram(TestMarketo):
    stored = {**STORED, "program": "Marketplace", "partition": "Europe"}


class TestByForm(TestMarketo):
    stored = {**STORED, **FORM, "program": "1107", "server_id": "ab12"}
