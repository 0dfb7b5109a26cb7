"""A pretended Salesforce for the demo: every My Domain is the same organization, and a page shows its leads."""

from __future__ import annotations

from collections.abc import Mapping
from secrets import token_hex
from typing import Any

from connectors import stand_in_page
from connectors.salesforce.imitation.described import KEY
from connectors.salesforce.imitation.organization import Organization, Record
from connectors.salesforce.imitation.routes import FORMS
from connectors.salesforce.imitation.routes import respond as answer
from connectors.stand_in import Call, Reply

HOSTS = ("*.my.salesforce.com", *FORMS)

SHOWN = 200
"""Leads on the page, the newest."""
COLUMNS = ("LastName", "FirstName", "Company", "Email", "LeadSource")

_organization = Organization(campaigns={"7015g000000ABCDAA2": "Marketplace leads"})


def demo() -> Mapping[str, Any]:
    """Return the settings of the demo's destination."""
    return {
        "mode": "rest",
        "my_domain": "contoso.my.salesforce.com",
        "auth": "client_credentials",
        "client_id": "3MVG9demo.consumer.key",
        "client_secret": token_hex(16),
        "external_id_field": KEY,
    }


def respond(call: Call) -> Reply:
    """Be Salesforce for its hosts, and show a browser what has come."""
    if call.host.endswith(".salesforce.com"):
        return answer(_organization, call)
    leads = _leads()
    told = f"Newest first. Forms by Web-to-Lead: {len(_organization.posts)}."
    return stand_in_page.answer(
        call, leads, title="Leads in Salesforce", told=told, body=stand_in_page.table(COLUMNS, leads)
    )


def _leads() -> list[Record]:
    with _organization.lock:
        return _organization.live()[: -SHOWN - 1 : -1]
