"""A pretended Dynamics 365 for the demo: every address is the same environment, and a page shows its leads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from html import escape
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

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
    if call.path == "/received.json":
        return Reply(200, json.dumps(_leads()))
    return _style() if call.path == "/sandbox.css" else _page()


def _leads() -> list[Record]:
    with _environment.lock:
        return list(_environment.records.values())[: -SHOWN - 1 : -1]


@cache
def _style() -> Reply:
    return Reply(200, (Path(__file__).parent / "sandbox.css").read_bytes(), "text/css; charset=utf-8")


def _page() -> Reply:
    leads = _leads()
    head = "".join(f'<th scope="col">{name}</th>' for name in COLUMNS)
    body = "".join(f"<tr>{_cells(lead)}</tr>" for lead in leads)
    return Reply(200, _PAGE.format(count=len(leads), head=head, body=body), "text/html; charset=utf-8")


def _cells(lead: Record) -> str:
    return "".join(f"<td>{escape(str(lead.get(name, '')))}</td>" for name in COLUMNS)


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Leads in Dynamics 365</title>
<link rel="stylesheet" href="sandbox.css">
</head>
<body>
<main>
<h1>Leads in Dynamics 365</h1>
<p>The last {count} leads, newest first. <a href="received.json">As JSON</a></p>
<table>
<thead><tr>{head}</tr></thead>
<tbody>{body}</tbody>
</table>
</main>
</body>
</html>
"""
