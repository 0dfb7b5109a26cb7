"""The demo's Dynamics 365 takes what the demo's destination sends, and shows it."""

from __future__ import annotations

from dataclasses import replace

import requests

from connectors import registry
from connectors.base import Receipt
from connectors.dynamics.sandbox import demo
from tests.connectors.leads import LEAD


def test_the_settings_of_the_demo_are_what_the_form_takes() -> None:
    form = registry.get("dynamics").form_class(data=dict(demo()))
    assert form.is_valid(), form.errors
    assert demo()["application_key"] != demo()["application_key"]


def test_takes_checks_and_shows_leads(sandbox_url: str) -> None:
    leads = [replace(LEAD, id=f"demo-{number}", company="<b>Contoso</b>") for number in range(3)]
    with registry.connect("dynamics", demo()) as connector:
        checks = list(connector.checks())
        taken = [*connector.deliver(leads[:1]), *connector.deliver(leads[1:])]
    assert all(check.passed for check in checks), checks
    assert all(isinstance(result, Receipt) for result in taken)
    records = requests.get(f"{sandbox_url}/dynamics/received.json", timeout=5).json()
    assert [record["leadid"] for record in records[:3]] == [
        result.remote_id for result in reversed(taken) if isinstance(result, Receipt)
    ]
    page = requests.get(f"{sandbox_url}/dynamics/", timeout=5)
    assert "&lt;b&gt;Contoso&lt;/b&gt;" in page.text
    assert "text/css" in requests.get(f"{sandbox_url}/dynamics/sandbox.css", timeout=5).headers["Content-Type"]
