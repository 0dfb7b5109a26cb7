"""The demo's Salesforce takes what the demo's destination sends, and shows it."""

from __future__ import annotations

import json
from dataclasses import replace

import requests

from connectors import registry
from connectors.base import Receipt
from connectors.salesforce.sandbox import demo
from tests.connectors.leads import LEAD
from tests.connectors.salesforce.acting import FORM


def test_the_settings_of_the_demo_are_what_the_form_takes() -> None:
    form = registry.get("salesforce").form_class(data=dict(demo()))
    assert form.is_valid(), form.errors
    assert demo()["client_secret"] != demo()["client_secret"]


def test_takes_checks_and_shows_leads(sandbox_url: str) -> None:
    with registry.connect("salesforce", demo()) as connector:
        checks = list(connector.checks())
        [taken] = connector.deliver([replace(LEAD, company="<b>Contoso</b>")])
    with registry.connect("salesforce", FORM) as connector:
        connector.deliver([LEAD])
    assert all(check.passed for check in checks), checks
    assert isinstance(taken, Receipt)
    [record, *_] = requests.get(f"{sandbox_url}/salesforce/received.json", timeout=5).json()
    assert record["Id"] == taken.remote_id
    page = requests.get(f"{sandbox_url}/salesforce/", timeout=5)
    assert "&lt;b&gt;Contoso&lt;/b&gt;" in page.text
    assert "Forms by Web-to-Lead: 1." in page.text
    assert json.dumps(record["LastName"])[1:-1] in page.text
    assert "text/css" in requests.get(f"{sandbox_url}/salesforce/sandbox.css", timeout=5).headers["Content-Type"]
