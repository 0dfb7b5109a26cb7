"""A pretended Marketo for the demo: every Munchkin ID is the same subscription, and a page shows its people."""

from __future__ import annotations

from collections.abc import Mapping
from secrets import token_hex
from typing import Any

from connectors import stand_in_page
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
    people = _people()
    told = f"Newest first. Calls so far: {_subscription.meter.today}."
    return stand_in_page.answer(
        call, people, title="People in Marketo", told=told, body=stand_in_page.table(COLUMNS, people)
    )


def _people() -> list[Record]:
    with _subscription.lock:
        return _subscription.live()[: -SHOWN - 1 : -1]
