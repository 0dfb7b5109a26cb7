"""A pretended Salesforce for the demo: every My Domain is the same organization, and a page shows its leads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from html import escape
from pathlib import Path
from secrets import token_hex
from typing import Any

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
    if call.path == "/received.json":
        return Reply(200, json.dumps(_leads()))
    return _style() if call.path == "/sandbox.css" else _page()


def _leads() -> list[Record]:
    with _organization.lock:
        return _organization.live()[: -SHOWN - 1 : -1]


@cache
def _style() -> Reply:
    return Reply(200, (Path(__file__).parent / "sandbox.css").read_bytes(), "text/css; charset=utf-8")


def _page() -> Reply:
    leads = _leads()
    head = "".join(f'<th scope="col">{name}</th>' for name in COLUMNS)
    body = "".join(f"<tr>{_cells(lead)}</tr>" for lead in leads)
    page = _PAGE.format(count=len(leads), posts=len(_organization.posts), head=head, body=body)
    return Reply(200, page, "text/html; charset=utf-8")


def _cells(lead: Record) -> str:
    return "".join(f"<td>{escape(str(lead.get(name, '')))}</td>" for name in COLUMNS)


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Leads in Salesforce</title>
<link rel="stylesheet" href="sandbox.css">
</head>
<body>
<main>
<h1>Leads in Salesforce</h1>
<p>The last {count} leads, newest first, and {posts} forms by Web-to-Lead. <a href="received.json">As JSON</a></p>
<table>
<thead><tr>{head}</tr></thead>
<tbody>{body}</tbody>
</table>
</main>
</body>
</html>
"""
