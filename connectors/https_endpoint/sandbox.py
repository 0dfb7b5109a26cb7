"""A receiver of leads that shows what it got.

Any path takes leads; ``/refuse…`` refuses the sign-in, ``/down…`` is away, ``/slow…`` takes two seconds.
"""

from __future__ import annotations

import json
import secrets
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from html import escape
from threading import Lock
from time import sleep
from typing import Any
from uuid import uuid4

from connectors import stand_in_page
from connectors.stand_in import Call, Reply

HOSTS = ("*.contoso.example", "*.fabrikam.example", "*.northwind.example")

KEPT = 200
"""Messages that are remembered."""
SLOW = 2.0
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it was received."""

    time: str
    host: str
    path: str
    webhook_id: str
    repeated: bool
    status: int
    headers: Mapping[str, str]
    body: Any


_received: deque[Message] = deque(maxlen=KEPT)
_lock = Lock()


def roles() -> dict[str, dict[str, str]]:
    """Connect the story's publishers to endpoints of theirs, each with a token of its own."""
    urls = {
        "Sales desk": "https://sales.contoso.example/marketplace/leads",
        "Campaign mailer": "https://campaigns.contoso.example/hooks/leads",
        "Partner desk": "https://partners.contoso.example/refuse/leads",
        "Fabrikam intake": "https://intake.fabrikam.example/leads",
        "Order desk": "https://orders.northwind.example/leads",
    }
    return {name: {"url": url, "auth": "bearer", "token": secrets.token_urlsafe(24)} for name, url in urls.items()}


def respond(call: Call) -> Reply:
    """Take a lead, or show those taken."""
    if call.method == "POST":
        return _take(call)
    return _show(call)


def _take(call: Call) -> Reply:
    reply = _reply(call.path)
    webhook_id = call.headers.get("webhook-id", "")
    with _lock:
        repeated = bool(webhook_id) and any(message.webhook_id == webhook_id for message in _received)
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        _received.appendleft(
            Message(now, call.host, call.path, webhook_id, repeated, reply.status, call.headers, _body(call))
        )
    return reply


def _reply(path: str) -> Reply:
    if path.startswith("/refuse"):
        return Reply(401, json.dumps({"error": "The key is not known here."}))
    if path.startswith("/down"):
        return Reply(503, json.dumps({"error": "Closed for maintenance."}), headers={"Retry-After": "120"})
    if path.startswith("/slow"):
        sleep(SLOW)
    return Reply(200, json.dumps({"id": str(uuid4())}))


def _body(call: Call) -> Any:
    try:
        return json.loads(call.body)
    except (ValueError, RecursionError):
        return call.body.decode("utf-8", "replace")


def _show(call: Call) -> Reply:
    messages = list(_received)
    body = "".join(_article(message) for message in messages)
    given = [asdict(message) for message in messages]
    return stand_in_page.answer(call, given, title="Received leads", told="Newest first.", body=body)


def _article(message: Message) -> str:
    shown = {
        "time": message.time,
        "target": f"{message.host}{message.path}",
        "id": message.webhook_id or "no webhook-id",
        "repeated": " · received before" if message.repeated else "",
        "status": message.status,
        "body": json.dumps(message.body, indent=2, ensure_ascii=False),
    }
    return _ARTICLE.format(**{name: escape(str(value)) for name, value in shown.items()})


_ARTICLE = """<details>
<summary><time>{time}</time> <strong>{target}</strong> answered {status}{repeated} <code>{id}</code></summary>
<pre>{body}</pre>
</details>
"""
