"""A storage account that shows the rows it was given: Azurite where it is installed, else a small fake."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from threading import Lock
from typing import Any

from connectors import stand_in_page
from connectors.azure_table import azurite
from connectors.azure_table.azurite import Azurite
from connectors.azure_table.fake import transactions
from connectors.azure_table.fake.tables import FakeTables
from connectors.stand_in import Call, Reply

HOSTS = ("*.table.core.windows.net",)
ACCOUNT = "contosoleads"
KEY = base64.b64encode(hashlib.sha512(b"The sandbox's own key, known to everybody.").digest()).decode()
DEMO = {
    "auth": "connection_string",
    "connection_string": f"DefaultEndpointsProtocol=https;AccountName={ACCOUNT};AccountKey={KEY}",
}

KEPT = 200
"""Rows that are shown."""


class Account:
    """The storage account, whatever plays it, and the newest of its rows by their addresses."""

    def __init__(self) -> None:
        self.player: FakeTables | Azurite = FakeTables(ACCOUNT, KEY)
        self.rows: dict[str, dict[str, Any]] = {}
        self._lock = Lock()

    @property
    def name(self) -> str:
        return "Azurite" if isinstance(self.player, Azurite) else "a small fake of our own"

    def respond(self, call: Call) -> Reply:
        """Answer, and remember rows that were written."""
        try:
            reply = self.player.respond(call)
        except azurite.NotRunning:
            self.player = FakeTables(ACCOUNT, KEY)
            reply = self.player.respond(call)
        for change in _changes(call, reply):
            self._note(change)
        return reply

    def _note(self, change: Call) -> None:
        with self._lock:
            self.rows.pop(change.path, None)
            if change.method == "PUT":
                self.rows[change.path] = json.loads(change.body)
            for oldest in list(self.rows)[:-KEPT]:
                del self.rows[oldest]


_account = Account()


@contextmanager
def start() -> Iterator[None]:
    """Have Azurite play the account, if it is installed; nobody waits until it is ready."""
    if not azurite.is_installed():
        yield
        return
    with azurite.run(ACCOUNT, KEY) as running:
        _account.player = running
        yield


def respond(call: Call) -> Reply:
    """Answer as the account, or show its rows."""
    if any(call.host.endswith(host.removeprefix("*")) for host in HOSTS):
        return _account.respond(call)
    return _show(call)


def _changes(call: Call, reply: Reply) -> list[Call]:
    """List the rows that a request wrote or deleted."""
    if reply.status == 204:  # noqa: PLR2004
        return [call]
    if reply.status != 202:  # noqa: PLR2004
        return []
    operations = transactions.operations(call)
    body = reply.body if isinstance(reply.body, bytes) else reply.body.encode()
    return operations if body.count(b"HTTP/1.1 204") == len(operations) else []


def _newest() -> list[dict[str, Any]]:
    return list(reversed(_account.rows.values()))


def _show(call: Call) -> Reply:
    rows = _newest()
    body = "".join(_article(row) for row in rows)
    told = f"Newest first, played by {_account.name}."
    return stand_in_page.answer(call, rows, title=f"Rows of {ACCOUNT}", told=told, body=body)


def _article(row: dict[str, Any]) -> str:
    shown = {name: value for name, value in row.items() if "@odata" not in name}
    summary = {key: escape(str(shown.get(key, ""))) for key in ("CreatedTime", "PartitionKey", "RowKey", "Email")}
    return _ARTICLE.format(**summary, body=escape(json.dumps(shown, indent=2, ensure_ascii=False)))


_ARTICLE = """<details>
<summary><time>{CreatedTime}</time> <strong>{Email}</strong> <code>{PartitionKey} / {RowKey}</code></summary>
<pre>{body}</pre>
</details>
"""
