"""A pretended Marketo for the demo: every Munchkin ID is the same subscription, and a page shows its people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from html import escape
from pathlib import Path
from secrets import token_hex
from typing import Any

from connectors.marketo.imitation.routes import respond as answer
from connectors.marketo.imitation.subscription import Record, Subscription
from connectors.stand_in import Call, Reply

HOSTS = ("*.mktorest.com",)

SHOWN = 200
"""People on the page, the newest."""
COLUMNS = ("email", "firstName", "lastName", "company", "leadSource")

_subscription = Subscription()


def demo() -> Mapping[str, Any]:
    """Return the settings of the demo's destination."""
    return {
        "munchkin_id": "123-ABC-456",
        "client_id": "a1b2c3d4-5e6f-7081-92a3-b4c5d6e7f809",
        "client_secret": token_hex(16),
        "mode": "sync",
        "program": "Marketplace",
    }


def respond(call: Call) -> Reply:
    """Be Marketo for its hosts, and show a browser who has come."""
    if call.host.endswith(".mktorest.com"):
        return answer(_subscription, call)
    if call.path == "/received.json":
        return Reply(200, json.dumps(_people()))
    return _style() if call.path == "/sandbox.css" else _page()


def _people() -> list[Record]:
    with _subscription.lock:
        return _subscription.live()[: -SHOWN - 1 : -1]


@cache
def _style() -> Reply:
    return Reply(200, (Path(__file__).parent / "sandbox.css").read_bytes(), "text/css; charset=utf-8")


def _page() -> Reply:
    people = _people()
    head = "".join(f'<th scope="col">{name}</th>' for name in COLUMNS)
    body = "".join(f"<tr>{_cells(person)}</tr>" for person in people)
    page = _PAGE.format(count=len(people), calls=_subscription.meter.today, head=head, body=body)
    return Reply(200, page, "text/html; charset=utf-8")


def _cells(person: Record) -> str:
    return "".join(f"<td>{escape(str(person.get(name, '')))}</td>" for name in COLUMNS)


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>People in Marketo</title>
<link rel="stylesheet" href="sandbox.css">
</head>
<body>
<main>
<h1>People in Marketo</h1>
<p>The last {count} people, newest first; {calls} calls so far. <a href="received.json">As JSON</a></p>
<table>
<thead><tr>{head}</tr></thead>
<tbody>{body}</tbody>
</table>
</main>
</body>
</html>
"""
