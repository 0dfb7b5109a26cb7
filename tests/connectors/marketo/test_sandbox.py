"""The demo's Marketo takes what the demo's destination sends, and shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from threading import Thread

import pytest
import requests
from pytest_django.fixtures import Settings

from connectors import registry, sandbox
from connectors.base import Receipt
from connectors.marketo.sandbox import demo
from connectors.stand_in import create_server
from tests.connectors.marketo.acting import FORM, LEAD


@pytest.fixture
def base_url(settings: Settings) -> Iterator[str]:
    with create_server(0, sandbox.respond) as server:
        thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        settings.SANDBOX = True
        settings.OUTBOUND_CONNECT_TO = sandbox.connect_to(server.server_port)
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_the_settings_of_the_demo_are_what_the_form_takes() -> None:
    form = registry.get("marketo").form_class(data=dict(demo()))
    assert form.is_valid(), form.errors
    assert demo()["client_secret"] != demo()["client_secret"]


def test_takes_checks_and_shows_leads(base_url: str) -> None:
    with registry.connect("marketo", demo()) as connector:
        checks = list(connector.checks())
        [taken] = connector.deliver([replace(LEAD, company="<b>Contoso</b>")])
    with registry.connect("marketo", {**demo(), **FORM, "program": "1107"}) as connector:
        [filled_out] = connector.deliver([replace(LEAD, email="form@contoso.example")])
    assert all(check.passed for check in checks), checks
    assert isinstance(taken, Receipt)
    assert isinstance(filled_out, Receipt)
    people = requests.get(f"{base_url}/marketo/received.json", timeout=5).json()
    assert {str(person["id"]) for person in people} >= {taken.remote_id, filled_out.remote_id}
    page = requests.get(f"{base_url}/marketo/", timeout=5)
    assert "&lt;b&gt;Contoso&lt;/b&gt;" in page.text
    assert "form@contoso.example" in page.text
    assert "text/css" in requests.get(f"{base_url}/marketo/sandbox.css", timeout=5).headers["Content-Type"]
