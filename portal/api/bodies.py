"""Reading what was sent: so many bytes and no more, UTF-8, JSON, and nothing in it that cannot be stored."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, NoReturn

from django.http import HttpRequest

from portal.api.problems import Fault, Problem
from portal.api.sentences import place

SINGLE = 64 * 1024
BATCH = 4 * 1024 * 1024
JSON = "application/json"
NDJSON = "application/x-ndjson"
DEEPEST = 20
LARGEST = 2**63 - 1

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_SUSPICIOUS = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])|\d{19}|\d[eE]")
"""What there must be in a body for something unstorable to be in what it says, unless it is too deep."""

Place = tuple[str | int, ...]


def read(request: HttpRequest, *, media_type: str = JSON, limit: int = SINGLE) -> bytes:
    """Read a body of at most ``limit`` bytes; Problem 415, 413 or 400."""
    _demand_type(request, media_type)
    announced = _announced(request)
    if announced > limit:
        _too_large(limit)
    body = _up_to(limit + 1, _stream(request))
    if len(body) > limit:
        _too_large(limit)
    if len(body) < announced:
        _too_short()
    if not body.strip():
        raise Problem.at("", "The body must not be empty.", HTTPStatus.BAD_REQUEST)
    return body


def parse(body: bytes) -> Any:
    """Turn bytes into what they say; Problem 400 where they say nothing, 422 for what cannot be stored."""
    try:
        said = _DECODER.decode(body.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Problem.at("", "The body must be UTF-8.", HTTPStatus.BAD_REQUEST) from None
    except RecursionError:
        raise Problem.invalid([_too_deep(())]) from None
    except json.JSONDecodeError:
        raise Problem.at("", "The body must be JSON, without NUL bytes.", HTTPStatus.BAD_REQUEST) from None
    except ValueError:
        raise Problem.at("", "The numbers in the body must be finite and of ordinary size.") from None
    if _is_suspicious(body) and (fault := next(_unstorable(said), None)):
        raise Problem.invalid([fault])
    return said


def _demand_type(request: HttpRequest, media_type: str) -> None:
    charset = (request.content_params or {}).get("charset", "utf-8").lower()
    if request.content_type != media_type or charset not in ("utf-8", "utf8"):
        raise Problem.at(
            "Content-Type", f"Content-Type must be {media_type}, in UTF-8.", HTTPStatus.UNSUPPORTED_MEDIA_TYPE
        )
    if request.META.get("HTTP_CONTENT_ENCODING", "identity").lower() != "identity":
        raise Problem.at("Content-Encoding", "The body must not be compressed.", HTTPStatus.UNSUPPORTED_MEDIA_TYPE)


def _announced(request: HttpRequest) -> int:
    length = request.META.get("CONTENT_LENGTH") or ""
    return int(length) if length.isdecimal() else 0


def _stream(request: HttpRequest) -> Any:
    # Django reads nothing of a body without a length. A server that ends the stream itself lets us read all the same.
    chunked = "HTTP_TRANSFER_ENCODING" in request.META and not request.META.get("CONTENT_LENGTH")
    if not chunked:
        return request
    if not request.META.get("wsgi.input_terminated"):
        raise Problem.at("Content-Length", "Content-Length is required.", HTTPStatus.LENGTH_REQUIRED)
    return request.META["wsgi.input"]


def _up_to(size: int, stream: Any) -> bytes:
    try:
        body: bytes = stream.read(size)
    except OSError:
        _too_short()
    return body


def _too_large(limit: int) -> NoReturn:
    raise Problem.at("", f"The body may have at most {limit:,} bytes.", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


def _too_short() -> NoReturn:
    raise Problem.at("", "The body must not end early.", HTTPStatus.BAD_REQUEST) from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def _too_deep(parts: Place) -> Fault:
    return Fault(place(parts[:1]), f"The body may be at most {DEEPEST} levels deep.")


def _is_suspicious(body: bytes) -> bool:
    return bool(_SUSPICIOUS.search(body)) or body.count(b"{") + body.count(b"[") >= DEEPEST


def _unstorable(said: Any) -> Iterator[Fault]:
    """Walk through everything, without recursion, and name what PostgreSQL or a receiver could not hold."""
    ahead: list[tuple[Place, Any]] = [((), said)]
    while ahead:
        parts, value = ahead.pop()
        if isinstance(value, dict | list):
            ahead += _children(parts, value)
            if len(parts) >= DEEPEST:
                yield _too_deep(parts)
        elif rule := _rule_broken_by(value):
            yield Fault(place(parts), f"{place(parts) or 'The body'} {rule}")


def _children(parts: Place, value: dict[str, Any] | list[Any]) -> Iterator[tuple[Place, Any]]:
    if isinstance(value, list):
        yield from (((*parts, number), child) for number, child in enumerate(value))
        return
    for name, child in value.items():
        yield (*parts, name), child
        yield (*parts, name), name


def _rule_broken_by(value: Any) -> str:
    if isinstance(value, str) and _UNSTORABLE.search(value):
        return "must not contain NUL characters or halves of surrogate pairs."
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return "is too large a number."
    if isinstance(value, int) and not -LARGEST <= value <= LARGEST:
        return "is too large a number."
    return ""
