"""Several requests in one, as the imitated environment takes them and answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit
from uuid import uuid4

from connectors.dynamics.imitation.environment import Environment, Fault
from connectors.stand_in import Call, Reply

_BOUNDARY = re.compile(r'multipart/mixed;\s*boundary="?([^";]+)"?')

Answer = Callable[[Call], Reply]


@dataclass(frozen=True, slots=True)
class Part:
    """One request of a batch, or several that are one."""

    calls: list[Call]
    is_change_set: bool = False


def answer(env: Environment, call: Call, answer_one: Answer) -> Reply:
    """Answer a batch: in order, ending at the first that fails unless it is to go on."""
    parts = _parts(call)
    number = sum(len(part.calls) for part in parts)
    if number > env.largest_batch:
        raise Fault(413, "", "The batch is too large.")
    env.writes.append(number)
    goes_on = "odata.continue-on-error" in call.headers.get("prefer", "")
    name, written, status = f"batchresponse_{uuid4()}", "", 200
    for part in parts:
        content, failed = _answered(env, part, answer_one)
        written += f"--{name}\r\n{content}"
        if failed and not goes_on:
            status = failed
            break
    return Reply(status, f"{written}--{name}--\r\n", f"multipart/mixed; boundary={name}")


def _answered(env: Environment, part: Part, answer_one: Answer) -> tuple[str, int]:
    """Answer one part; with it comes the status of what failed, 0 where nothing did."""
    before = {place: dict(record) for place, record in env.records.items()} if part.is_change_set else {}
    replies = []
    for call in part.calls:
        reply = answer_one(call)
        if reply.status >= 400:  # noqa: PLR2004
            if part.is_change_set:
                env.records.clear()
                env.records.update(before)
            return _http(reply), reply.status
        replies.append(reply)
    if not part.is_change_set:
        return _http(replies[0]), 0
    name = f"changesetresponse_{uuid4()}"
    inner = "".join(f"--{name}\r\n{_http(reply)}" for reply in replies)
    return f"Content-Type: multipart/mixed; boundary={name}\r\n\r\n{inner}--{name}--\r\n", 0


def _http(reply: Reply) -> str:
    body = reply.body if isinstance(reply.body, str) else reply.body.decode()
    headers = {"Content-Type": "application/json; odata.metadata=minimal", **reply.headers}
    lines = [f"HTTP/1.1 {reply.status} Status", *(f"{name}: {value}" for name, value in headers.items())]
    head = "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    return head + "\r\n".join(lines) + f"\r\n\r\n{body}\r\n"


def _parts(call: Call) -> list[Part]:
    return [_part(call, piece) for piece in _pieces(call.headers.get("content-type", ""), call.body)]


def _part(call: Call, piece: bytes) -> Part:
    headers, content = _split(piece)
    kind = headers.get("content-type", "")
    if kind.startswith("multipart/mixed"):
        calls = [_call(call, _split(inner)[1]) for inner in _pieces(kind, content)]
        return Part(calls, is_change_set=True)
    return Part([_call(call, content)])


def _pieces(kind: str, body: bytes) -> list[bytes]:
    found = _BOUNDARY.search(kind)
    pieces = body.split(f"--{found[1]}".encode()) if found else []
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):  # noqa: PLR2004
        raise Fault(400, "0x80060888", "The batch has no proper end.")
    return [piece.removeprefix(b"\r\n").removesuffix(b"\r\n") for piece in pieces[1:-1]]


def _call(outer: Call, content: bytes) -> Call:
    line, _, rest = content.partition(b"\r\n")
    try:
        method, url, version = line.decode("ascii").split(" ")
    except ValueError:
        raise Fault(400, "0x80060888", "A part of the batch is no request.") from None
    if version != "HTTP/1.1" or urlsplit(url).netloc not in ("", outer.host):
        raise Fault(400, "0x80060888", "A part of the batch is for somebody else.")
    headers, body = _split(rest)
    return replace(outer, method=method, path=urlsplit(url).path, query="", headers=headers, body=body)


def _split(piece: bytes) -> tuple[Mapping[str, str], bytes]:
    head, _, content = piece.partition(b"\r\n\r\n")
    lines = (line.partition(":") for line in head.decode("latin-1").split("\r\n") if line)
    return {name.strip().lower(): value.strip() for name, _, value in lines}, content
