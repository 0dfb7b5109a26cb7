"""What a browser sees of a stand-in: a page of what it was given, the same as JSON, and their style."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from connectors.stand_in import Call, Reply

NOTHING = "<p>None yet. Send a lead, and reload this page.</p>"


def answer(call: Call, given: Sequence[Mapping[str, Any]], *, title: str, told: str, body: str) -> Reply:
    """Show what was ``given``. ``body`` is HTML, empty where there is nothing yet; ``title`` and ``told`` are text."""
    if call.path == "/received.json":
        return Reply(200, json.dumps(given))
    if call.path == "/sandbox.css":
        return _style()
    page = _PAGE.format(title=escape(title), told=escape(told), body=body or NOTHING)
    return Reply(200, page, "text/html; charset=utf-8")


def table(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    """Write rows as a table, and no rows as nothing."""
    if not rows:
        return ""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in columns)
    body = "".join(f"<tr>{_cells(columns, row)}</tr>" for row in rows)
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody>\n</table>"


def _cells(columns: Sequence[str], row: Mapping[str, Any]) -> str:
    return "".join(f"<td>{escape(str(row.get(name, '')))}</td>" for name in columns)


@cache
def _style() -> Reply:
    return Reply(200, Path(__file__).with_suffix(".css").read_bytes(), "text/css; charset=utf-8")


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<link rel="stylesheet" href="sandbox.css">
</head>
<body>
<main>
<h1>{title}</h1>
<p>{told} <a href="received.json">As JSON</a></p>
{body}
</main>
</body>
</html>
"""
