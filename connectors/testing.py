"""What holds for every connector. A connector's tests inherit :class:`ConnectorContract` and name their settings."""

from __future__ import annotations

import logging
import traceback
from datetime import UTC, datetime
from time import monotonic

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from pytest_django.fixtures import Settings

from connectors import behaviours, registry
from connectors.base import Receipt
from connectors.errors import DeliveryError
from connectors.fakes import FakeServer, refusing_port
from connectors.harness import Harness
from connectors.samples import sample_lead

DEADLINE = 0.5
"""Seconds a connector is given here instead of its own deadline."""
SLACK = 2.5
"""Seconds it may be late on a busy machine; what would wait for the target waits for ever."""


class ConnectorContract(Harness):
    """Inherit, and set ``slug``, ``stored`` and whatever else of the harness differs."""

    # Metadata and form

    def test_says_what_it_is(self) -> None:
        found = self.connector_class
        assert found.label
        assert found.summary.endswith(".")
        assert found.rungs
        with self.connector() as connector:
            assert connector.batch_size >= 1
            assert 1 <= connector.concurrency <= registry.MOST_AT_ONCE
            assert connector.idempotent is found.idempotent_with(connector.config)

    def test_form_config_and_secrets_name_the_same_settings(self) -> None:
        found = self.connector_class
        issued = found.issue()
        issued |= found.rotate(issued, datetime.now(UTC)) if issued else {}
        keys = {*found.config_class.__dataclass_fields__} - issued.keys()
        assert {*found.form_class.base_fields} == keys
        assert found.form_class.secrets == found.config_class.secret_keys() - issued.keys()

    def test_form_takes_stored_settings_without_their_secrets(self) -> None:
        found = self.connector_class
        shown = {key: value for key, value in self.stored.items() if key not in found.config_class.secret_keys()}
        form = found.form_class(data=shown, stored=self.stored)
        assert form.is_valid(), form.errors
        assert {key: form.config()[key] for key in self.stored} == self.stored
        assert not [secret for secret in self.secrets if secret in str(form)]

    def test_every_field_has_help(self) -> None:
        assert [
            name for name, field in self.connector_class.form_class.base_fields.items() if not field.help_text
        ] == []

    def test_guide_and_icon_are_there(self) -> None:
        assert "<h2>" in render_to_string(f"{self.slug}/guide.html")
        assert finders.find(f"{self.slug}/icon.svg")

    # Delivery

    def test_answers_one_receipt_for_each_lead(self, server: FakeServer) -> None:
        leads = self.leads()
        results = self.deliver(leads)
        assert [type(result) for result in results] == [Receipt] * len(leads), results

    def test_sends_the_same_key_for_the_same_lead(self, server: FakeServer) -> None:
        first, second = self.leads(), self.leads()
        for leads in (first, first, second):
            self.deliver(leads)
        keys = [key for request in server.requests if (key := self.idempotency_key(request)) is not None]
        assert keys[: len(keys) // 3] == keys[len(keys) // 3 : 2 * len(keys) // 3]
        assert len({*map(str, keys)}) == 2 * len(keys) // 3 > 0

    @pytest.mark.parametrize("fault", behaviours.FAULTS)
    def test_answers_within_the_deadline_when_the_target(self, fault: str, server: FakeServer) -> None:
        server.always = behaviours.FAULTS[fault]
        leads, began = self.leads(), monotonic()
        results = self.deliver(leads, DEADLINE)
        assert monotonic() - began < DEADLINE + SLACK
        assert len(results) == len(leads)
        assert all(isinstance(result, Receipt | DeliveryError) for result in results)

    def test_answers_an_error_when_nobody_listens(self, settings: Settings) -> None:
        settings.SANDBOX = True
        with refusing_port() as port:
            settings.OUTBOUND_CONNECT_TO = f"*=http://127.0.0.1:{port}"
            results = self.deliver(self.leads(), DEADLINE)
        assert all(isinstance(result, DeliveryError) and result.cause == "refused" for result in results)

    # Secrets

    @pytest.mark.parametrize("status", [200, 400, 401, 500])
    def test_shows_no_secret_that_the_target_echoes(
        self, status: int, server: FakeServer, caplog: pytest.LogCaptureFixture
    ) -> None:
        server.always = behaviours.echo(status)
        with caplog.at_level(logging.DEBUG), self.connector() as connector:
            results = connector.deliver(self.leads())
            seen = [repr(connector.config), repr(connector.render(sample_lead())), *map(_all_of, results)]
            seen += [repr(check) for check in connector.checks()]
        assert not [secret for secret in self.secrets if any(secret in text for text in [*seen, caplog.text])]

    # Checks and preview

    def test_climbs_its_rungs_in_order(self, server: FakeServer) -> None:
        with self.connector() as connector:
            checks = list(connector.checks())
        assert [(check.name, check.passed) for check in checks] == [(name, True) for name in self.rungs]
        assert all(check.sentence and check.seconds is not None for check in checks)

    @pytest.mark.parametrize("fault", behaviours.FAULTS)
    def test_stops_at_the_first_rung_that_fails_when_the_target(self, fault: str, server: FakeServer) -> None:
        server.always = behaviours.FAULTS[fault]
        with self.connector(DEADLINE) as connector:
            checks = list(connector.checks())
        assert tuple(check.name for check in checks) == self.rungs[: len(checks)]
        assert all(check.passed for check in checks[:-1])
        assert checks[-1].passed or (checks[-1].sentence and checks[-1].fix)

    def test_preview_is_what_is_sent(self, server: FakeServer) -> None:
        lead = sample_lead()
        with self.connector() as connector:
            preview = connector.render(lead)
            connector.deliver([lead])
        [sent] = [request for request in server.requests if self.idempotency_key(request) is not None]
        assert self.same(preview, sent)


def _all_of(result: Receipt | DeliveryError) -> str:
    if isinstance(result, Receipt):
        return repr(result)
    return f"{vars(result)}{''.join(traceback.format_exception(result))}"
