"""A pretended Dynamics 365 for the demo: every address is the same environment, and a page shows its leads."""

from __future__ import annotations

from collections.abc import Mapping
from secrets import token_urlsafe
from typing import Any

from connectors import stand_in_page
from connectors.dynamics.imitation.environment import Environment, Record
from connectors.dynamics.imitation.routes import respond as answer
from connectors.stand_in import Call, Reply

HOSTS = ("*.dynamics.com", "login.microsoftonline.com")

SHOWN = 200
"""Leads on the page, the newest."""
COLUMNS = ("subject", "lastname", "firstname", "companyname", "emailaddress1", "leadsourcecode")

_environment = Environment()


def demo() -> Mapping[str, Any]:
    """Return the settings of the demo's destination."""
    return {
        "instance_url": "https://contoso.crm4.dynamics.com",
        "authentication": "azure_ad",
        "directory_id": "0b1c2d3e-4f50-4a61-8b72-93a4b5c6d7e8",
        "application_id": "5d2f6a10-7c3b-4e18-9f42-a1b2c3d4e5f6",
        "application_key": token_urlsafe(24),
        "lead_source": "Web",
    }


def respond(call: Call) -> Reply:
    """Be Dynamics 365 for its hosts, and show a browser what has come."""
    if call.host.endswith((".dynamics.com", ".microsoftonline.com")):
        return answer(_environment, call)
    leads = _leads()
    body = stand_in_page.table(COLUMNS, leads)
    return stand_in_page.answer(call, leads, title="Leads in Dynamics 365", told="Newest first.", body=body)


def _leads() -> list[Record]:
    with _environment.lock:
        return list(_environment.records.values())[: -SHOWN - 1 : -1]
