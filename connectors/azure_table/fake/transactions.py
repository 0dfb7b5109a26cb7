"""The multipart bodies of transactions, read and answered.

https://learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from email import message_from_bytes
from email.message import Message
from urllib.parse import urlsplit

from connectors.azure_table.fake.refusals import CONTENT_TYPE, Refusal
from connectors.stand_in import Call, Reply

_BATCH, _CHANGES = "batchresponse_1", "changesetresponse_1"


def operations(call: Call) -> list[Call]:
    """Take a transaction apart."""
    head = f"Content-Type: {call.headers.get('content-type', '')}\r\n\r\n".encode()
    found = [_operation(part) for part in _parts(message_from_bytes(head + call.body))]
    if not found:
        raise Refusal(400, "InvalidInput", "A transaction has one operation at least.")
    return found


def done(count: int) -> Reply:
    """Answer that all was done."""
    part = "HTTP/1.1 204 No Content\r\nDataServiceVersion: 1.0;\r\n\r\n"
    return _reply([part] * count)


def undone(index: int, refusal: Refusal) -> Reply:
    """Answer that one row was refused, so that none was written."""
    head = f"HTTP/1.1 {refusal.status} Refused\r\nContent-Type: {CONTENT_TYPE}\r\n\r\n"
    return _reply([head + refusal.body(index) + "\r\n"])


def _parts(message: Message) -> Iterator[bytes]:
    for part in message.walk():
        if part.get_content_type() == "application/http":
            payload = part.get_payload(decode=True)
            yield payload if isinstance(payload, bytes) else b""


def _operation(part: bytes) -> Call:
    head, _, body = part.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    method, address, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    target = urlsplit(address)
    return Call(method=method, host=target.hostname or "", path=target.path, headers=headers, body=body)


def _reply(answers: Sequence[str]) -> Reply:
    kind = "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    changes = "".join(f"--{_CHANGES}\r\n{kind}{answer}\r\n" for answer in answers) + f"--{_CHANGES}--\r\n"
    outer = f"--{_BATCH}\r\nContent-Type: multipart/mixed; boundary={_CHANGES}\r\n\r\n{changes}--{_BATCH}--\r\n"
    return Reply(202, outer, f"multipart/mixed; boundary={_BATCH}")
