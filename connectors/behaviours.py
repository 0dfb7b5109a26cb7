"""How a :class:`~connectors.fakes.FakeServer` answers, well or badly."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from connectors.fakes import Behaviour, Line, Recorded

PAUSE = 0.05
"""Seconds between two bytes of a drip."""


def answer(status: int = 200, body: bytes | str | Mapping[str, Any] = b"", **headers: str) -> Behaviour:
    """Answer as a proper server does; underscores in header names stand for hyphens."""
    content = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
    lines = [f"HTTP/1.1 {status} Status", f"Content-Length: {len(content)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    head = "\r\n".join(lines).encode() + b"\r\n\r\n"

    def behave(_: Recorded, line: Line) -> None:
        line.write(head + content)

    return behave


def answer_and_close(status: int = 200) -> Behaviour:
    """Answer as if the connection were kept, and close it all the same."""

    def behave(request: Recorded, line: Line) -> None:
        line.hang_up()
        answer(status)(request, line)

    return behave


def after(seconds: float, behaviour: Behaviour) -> Behaviour:
    """Think for a while first."""

    def behave(request: Recorded, line: Line) -> None:
        line.closing.wait(seconds)
        behaviour(request, line)

    return behave


def echo(status: int = 200) -> Behaviour:
    """Answer with all that came in, headers and body."""

    def behave(request: Recorded, line: Line) -> None:
        seen = "\n".join(f"{name}: {value}" for name, value in request.headers.items())
        answer(status, seen.encode() + b"\n" + request.body)(request, line)

    return behave


def hang(_: Recorded, line: Line) -> None:
    """Say nothing."""
    line.hang_up()
    line.closing.wait()


def close(_: Recorded, line: Line) -> None:
    """Break off without a byte."""
    line.hang_up()


def half_close(_: Recorded, line: Line) -> None:
    """Promise a hundred bytes, send seven, break off."""
    line.hang_up()
    line.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"id":"')


def garbage(_: Recorded, line: Line) -> None:
    """Speak something that is not HTTP."""
    line.hang_up()
    line.write(b"\x00\xff\xfe SSH-2.0 \r\n\r\n" * 20)


def drip_head(_: Recorded, line: Line) -> None:
    """Send the headers a byte at a time, for ever."""
    _drip(line, b"HTTP/1.1 200 OK\r\nX-Drip: ")


def drip_body(_: Recorded, line: Line) -> None:
    """Send the body a byte at a time, for ever."""
    _drip(line, b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")


def endless(_: Recorded, line: Line) -> None:
    """Send a body as fast as it is taken, for ever."""
    line.hang_up()
    line.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
    while not line.closing.is_set():
        line.write(b"x" * 65_536)


def _drip(line: Line, beginning: bytes) -> None:
    line.hang_up()
    line.write(beginning)
    while not line.closing.wait(PAUSE):
        line.write(b"x")


FAULTS: Mapping[str, Behaviour] = {
    "hangs": hang,
    "breaks off": close,
    "breaks off inside the body": half_close,
    "drips its headers": drip_head,
    "drips its body": drip_body,
    "never ends its body": endless,
    "speaks no HTTP": garbage,
    "answers no JSON": answer(200, b"\x00\xff<html>"),
    "answers deep JSON": answer(200, b"[" * 60_000),
    "answers 401": answer(401, "no"),
    "answers 429": answer(429, "later", Retry_After="7"),
    "answers 500": answer(500, "oops"),
    "redirects": answer(302, Location="https://127.0.0.1/"),
}
"""Every way to disappoint a client, by what comes after "when the target"."""
