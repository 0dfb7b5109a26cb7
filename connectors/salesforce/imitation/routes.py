"""The addresses of the imitated Salesforce."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import parse_qs, unquote

from connectors.salesforce.imitation import reads, tokens, web_to_lead, writes
from connectors.salesforce.imitation.organization import Fault, Organization
from connectors.stand_in import Call, Reply

VERSIONS = range(58, 67)
"""Versions of the API that it speaks."""
FORMS = ("webto.salesforce.com", "test.salesforce.com")

_DATA = re.compile(r"/services/data/v(\d+)\.0/(.*)")


def respond(org: Organization, call: Call) -> Reply:
    """Answer one request."""
    with org.lock:
        try:
            return _answer(org, call)
        except Fault as fault:
            return _json(fault.status, fault.body)


def _answer(org: Organization, call: Call) -> Reply:
    if call.host in FORMS:
        return web_to_lead.post(org, call.body)
    if call.path == "/services/oauth2/token":
        return _json(200, tokens.issue(org, call.body))
    match = _DATA.fullmatch(call.path)
    if not match or int(match[1]) not in VERSIONS:
        raise Fault(404, "NOT_FOUND", "The requested resource does not exist")
    _let_in(org, call)
    path = tuple(unquote(part) for part in match[2].split("/") if part)
    answered = _ask(org, call, path)
    return _json(204 if answered is None else 200, answered, _usage(org))


def _let_in(org: Organization, call: Call) -> None:
    if call.headers.get("authorization", "").removeprefix("Bearer ") not in org.sessions:
        raise Fault(401, "INVALID_SESSION_ID", "Session expired or invalid")
    org.requests_used += 1
    if org.faults:
        raise org.faults.popleft()
    if org.requests_used > org.requests_a_day:
        raise Fault(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")


def _ask(org: Organization, call: Call, path: tuple[str, ...]) -> Any:
    if path[:2] == ("composite", "sobjects") and call.method in ("POST", "PATCH"):
        return writes.write(org, call.method, "".join(path[3:]), _body(call), call.headers)
    for (method, *pattern), answer in _PLACES.items():
        if method == call.method and len(pattern) == len(path) and all(map(fnmatchcase, path, pattern)):
            return answer(org, call, path[-1] if path else "")
    raise Fault(404, "NOT_FOUND", "The requested resource does not exist")


_Answer = Callable[[Organization, Call, str], Any]
_PLACES: dict[tuple[str, ...], _Answer] = {
    ("GET",): lambda _org, _call, _last: {"sobjects": "/services/data/v64.0/sobjects"},
    ("GET", "limits"): lambda org, _call, _last: reads.limits(org),
    ("GET", "sobjects", "Lead", "describe"): lambda org, _call, _last: reads.describe(org),
    ("GET", "sobjects", "Campaign", "*"): lambda org, _call, last: reads.campaign(org, last),
    ("GET", "queryAll"): lambda org, call, _last: reads.query(org, parse_qs(call.query).get("q", [""])[0]),
    ("DELETE", "sobjects", "Lead", "*"): lambda org, _call, last: reads.delete(org, last),
}


def _body(call: Call) -> Any:
    try:
        return json.loads(call.body)
    except (ValueError, RecursionError):
        raise Fault(400, "JSON_PARSER_ERROR", "Unexpected character") from None


def _usage(org: Organization) -> dict[str, str]:
    return {"Sforce-Limit-Info": f"api-usage={org.requests_used}/{org.requests_a_day}"}


def _json(status: int, body: Any, headers: dict[str, str] | None = None) -> Reply:
    content = "" if body is None else json.dumps(body)
    return Reply(status, content, "application/json;charset=UTF-8", headers or {})
