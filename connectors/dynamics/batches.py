"""Several requests in one ($batch): each with its own answer, or all or none of them.

https://learn.microsoft.com/power-apps/developer/data-platform/webapi/execute-batch-operations-using-web-api
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from email.message import Message
from email.parser import BytesParser
from typing import Any, NamedTuple
from uuid import uuid4

from connectors.dynamics.answered import Answer

CONTINUE = {"Prefer": "odata.continue-on-error"}
"""Without it the first request that fails ends the batch."""

_STATUS = re.compile(rb"HTTP/1\.1 ([0-9]{3})[^\r\n]*\r?\n")
_END = re.compile(rb"\r?\n\r?\n")


class Operation(NamedTuple):
    """One request that writes, under the address that everything is under."""

    method: str
    path: str
    headers: Mapping[str, str]
    record: Mapping[str, Any]

    @property
    def body(self) -> bytes:
        return json.dumps(self.record).encode()


class Batch(NamedTuple):
    """A batch as it is sent."""

    headers: dict[str, str]
    body: bytes


def each_alone(root: str, operations: Sequence[Operation]) -> Batch:
    """Wrap requests that each succeed or fail on their own; their paths are under ``root``."""
    name = f"batch_{uuid4().hex}"
    parts = [_part(root, operation) for operation in operations]
    return Batch({"Content-Type": f"multipart/mixed; boundary={name}", **CONTINUE}, _joined(name, parts))


def all_or_none(root: str, operations: Sequence[Operation]) -> Batch:
    """Wrap requests in one change set: where one fails, none has happened."""
    name, inner = f"batch_{uuid4().hex}", f"changeset_{uuid4().hex}"
    parts = [_part(root, operation, f"Content-ID: {number}") for number, operation in enumerate(operations, 1)]
    change_set = f"Content-Type: multipart/mixed; boundary={inner}\r\n\r\n".encode() + _joined(inner, parts)
    return Batch({"Content-Type": f"multipart/mixed; boundary={name}"}, _joined(name, [change_set]))


def answers(answer: Answer) -> list[Answer]:
    """Return the answers that the answer to a batch holds, in order; none where it holds none."""
    head = f"Content-Type: {answer.headers.get('content-type', '')}\r\n\r\n".encode("latin-1", "replace")
    return list(_leaves(BytesParser().parsebytes(head + answer.content)))


def _part(root: str, operation: Operation, *more: str) -> bytes:
    lines = ["Content-Type: application/http", "Content-Transfer-Encoding: binary", *more, ""]
    lines += [f"{operation.method} {root}/{operation.path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in operation.headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + operation.body


def _joined(name: str, parts: Sequence[bytes]) -> bytes:
    return b"".join(f"--{name}\r\n".encode() + part + b"\r\n" for part in parts) + f"--{name}--\r\n".encode()


def _leaves(message: Message) -> Iterator[Answer]:
    if not message.is_multipart():
        content = message.get_payload(decode=True)
        yield from _read(content) if isinstance(content, bytes) else ()
        return
    for part in message.get_payload():
        if isinstance(part, Message):
            yield from _leaves(part)


def _read(content: bytes) -> Iterator[Answer]:
    status = _STATUS.match(content.lstrip())
    if status is None:
        return
    rest = content.lstrip()[status.end() :]
    end = _END.search(rest)
    head, body = (rest[: end.start()], rest[end.end() :]) if end else (rest, b"")
    yield Answer(int(status[1]), _headers(head), body.strip())


def _headers(head: bytes) -> dict[str, str]:
    lines = (line.partition(":") for line in head.decode("latin-1").splitlines())
    return {name.strip().lower(): value.strip() for name, _, value in lines}
