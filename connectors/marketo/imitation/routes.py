"""The addresses of the imitated Marketo."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from connectors.marketo.imitation import reads, writes
from connectors.marketo.imitation.subscription import Fault, Row, Subscription
from connectors.marketo.imitation.tokens import Refusal
from connectors.stand_in import Call, Reply

LARGEST_BODY = 1_000_000

_PERSON = re.compile(r"/rest/v1/lead/(\d+)\.json")
_FORM = re.compile(r"/rest/asset/v1/form/(\d+)\.json")
_QUESTIONS = re.compile(r"/rest/asset/v1/form/(\d+)/fields\.json")
_PROGRAM = re.compile(r"/rest/asset/v1/program/(\d+|byName)\.json")

Write = Callable[[Subscription, Any], list[Row]]
_WRITES: dict[str, Write] = {
    "/rest/v1/leads.json": writes.sync,
    "/rest/v1/leads/push.json": writes.push,
    "/rest/v1/leads/submitForm.json": writes.form,
    "/rest/v1/leads/delete.json": writes.delete,
}


def respond(subscription: Subscription, call: Call) -> Reply:
    """Answer one request."""
    if call.path == "/identity/oauth/token":
        return _identify(subscription, call)
    if code := subscription.identity.judge(call.headers.get("authorization", "")):
        return _refused(Fault(code, {"601": "Access token invalid", "602": "Access token expired"}[code]))
    with subscription.meter.call() as code:
        try:
            return _taken(_answer(subscription, call, code))
        except Fault as fault:
            return _refused(fault)


def _identify(subscription: Subscription, call: Call) -> Reply:
    try:
        return Reply(200, json.dumps(subscription.identity.issue(call.query, call.body)))
    except Refusal as refusal:
        return Reply(401, json.dumps(refusal.body))


def _answer(subscription: Subscription, call: Call, limit: str) -> list[Row]:
    if limit:
        raise Fault(limit, "Max rate limit exceeded")
    if subscription.faults:
        raise subscription.faults.popleft()
    if call.path in _WRITES:
        return _write(subscription, call)
    return _read(subscription, call)


def _write(subscription: Subscription, call: Call) -> list[Row]:
    _demand(subscription, "write")
    if call.method != "POST":
        raise Fault("605", "HTTP method not supported")
    if len(call.body) > LARGEST_BODY:
        raise Fault("413", status=413)
    if not call.headers.get("content-type", "").startswith("application/json"):
        raise Fault("612", "Invalid Content Type")
    try:
        body = json.loads(call.body)
    except ValueError:
        raise Fault("609", "Invalid JSON") from None
    return _WRITES[call.path](subscription, body)


def _read(subscription: Subscription, call: Call) -> list[Row]:
    if call.path == "/rest/v1/stats/usage.json":
        _demand(subscription, "usage")
        return reads.usage(subscription)
    if call.path.startswith("/rest/asset/"):
        return _read_asset(subscription, call)
    _demand(subscription, "read")
    if call.path == "/rest/v1/leads/describe.json":
        return subscription.fields
    if call.path == "/rest/v1/leads/partitions.json":
        return reads.partitions(subscription)
    if match := _PERSON.fullmatch(call.path):
        return reads.person(subscription, match[1], call.query)
    raise Fault("610", "Requested resource not found")


def _read_asset(subscription: Subscription, call: Call) -> list[Row]:
    _demand(subscription, "assets")
    if match := _FORM.fullmatch(call.path):
        return reads.form(subscription, match[1])
    if match := _QUESTIONS.fullmatch(call.path):
        return reads.questions(subscription, match[1])
    if match := _PROGRAM.fullmatch(call.path):
        return reads.program(subscription, match[1], call.query)
    raise Fault("610", "Requested resource not found")


def _demand(subscription: Subscription, right: str) -> None:
    if right in subscription.denied:
        raise Fault("603", "Access denied")


def _taken(rows: list[Row]) -> Reply:
    return _reply(200, {"success": True, "result": rows})


def _refused(fault: Fault) -> Reply:
    if fault.status != 200:  # noqa: PLR2004
        return Reply(fault.status, "<html>", "text/html")
    return _reply(200, {"success": False, "errors": [{"code": fault.code, "message": fault.message}]})


def _reply(status: int, said: dict[str, Any]) -> Reply:
    return Reply(status, json.dumps({"requestId": uuid4().hex[:16], **said}))
