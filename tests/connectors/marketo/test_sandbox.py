"""The demo's Marketo takes what the demo's destination sends, and shows it."""

from __future__ import annotations

from dataclasses import replace

import requests

from connectors import registry
from connectors.base import Receipt
from connectors.marketo.sandbox import demo
from tests.connectors.leads import LEAD
from tests.connectors.marketo.acting import FORM


def test_the_settings_of_the_demo_are_what_the_form_takes() -> None:
    form = registry.get("marketo").form_class(data=dict(demo()))
    assert form.is_valid(), form.errors
    assert demo()["client_secret"] != demo()["client_secret"]


def test_takes_checks_and_shows_leads(sandbox_url: str) -> None:
    with registry.connect("marketo", demo()) as connector:
        checks = list(connector.checks())
        [taken] = connector.deliver([replace(LEAD, company="<b>Contoso</b>")])
    with registry.connect("marketo", {**demo(), **FORM, "program": "1107"}) as connector:
        [filled_out] = connector.deliver([replace(LEAD, email="form@contoso.example")])
    assert all(check.passed for check in checks), checks
    assert isinstance(taken, Receipt)
    assert isinstance(filled_out, Receipt)
    people = requests.get(f"{sandbox_url}/marketo/received.json", timeout=5).json()
    assert {str(person["id"]) for person in people} >= {taken.remote_id, filled_out.remote_id}
    page = requests.get(f"{sandbox_url}/marketo/", timeout=5)
    assert "&lt;b&gt;Contoso&lt;/b&gt;" in page.text
    assert "form@contoso.example" in page.text
    assert "text/css" in requests.get(f"{sandbox_url}/marketo/sandbox.css", timeout=5).headers["Content-Type"]
