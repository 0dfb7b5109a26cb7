"""The addresses of the imitated environment."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from time import sleep
from typing import Any
from uuid import uuid4

from connectors.dynamics.imitation import multipart, reads, tokens, writes
from connectors.dynamics.imitation.environment import Environment, Fault
from connectors.stand_in import Call, Reply

_API = "/api/data/v9.2/"
_LEAD = re.compile(r"leads\(([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\)")
_TABLE = "EntityDefinitions(LogicalName='lead')/Attributes"


def respond(env: Environment, call: Call) -> Reply:
    """Answer one request."""
    with env.answering():
        sleep(env.latency)
        with env.lock:
            reply = _caught(lambda: _answer(env, call))
        return replace(reply, headers={**reply.headers, "x-ms-service-request-id": str(uuid4())})


def _answer(env: Environment, call: Call) -> Reply:
    if call.host.startswith("login."):
        return _json(tokens.issue(env, call.path, call.body))
    if not call.path.startswith(_API):
        return Reply(404, "<html>", "text/html")
    _let_in(env, call)
    if call.path == f"{_API}$batch" and call.method == "POST":
        return multipart.answer(env, call, lambda part: _caught(lambda: _ask(env, part)))
    if call.method in ("POST", "PATCH"):
        env.writes.append(1)
    return _ask(env, call)


def _let_in(env: Environment, call: Call) -> None:
    if call.headers.get("authorization", "").removeprefix("Bearer ") not in env.tokens:
        raise Fault(401, "")
    if env.faults:
        raise env.faults.popleft()
    if not env.is_member:
        raise Fault(403, "0x80072560", "The user is not a member of the organization.")
    if not env.has_role:
        told = "SecLib::RetrievePrivilegeForUser failed - no roles are assigned to user."
        raise Fault(403, "0x80042f09", told)


def _ask(env: Environment, call: Call) -> Reply:
    place = call.path.removeprefix(_API)
    lead = _LEAD.fullmatch(place)
    if lead:
        return _lead(env, call, lead[1])
    if place == "leads" and call.method == "POST":
        return writes.create(env, call.body, call.headers)
    if call.method != "GET":
        raise Fault(404, "", f"No HTTP resource was found that matches the request URI '{call.path}'.")
    return _json(_read(env, place))


def _lead(env: Environment, call: Call, place: str) -> Reply:
    if call.method == "PATCH":
        return writes.upsert(env, place, call.body, call.headers)
    return writes.delete(env, place) if call.method == "DELETE" else _json(reads.lead(env, place))


def _read(env: Environment, place: str) -> Any:
    if place == "WhoAmI":
        return reads.who_am_i(env)
    if place.startswith(f"systemusers({env.user_id})/"):
        return reads.privilege(env, place)
    if place.startswith(_TABLE):
        return reads.columns(env, place.removeprefix(_TABLE).removeprefix("/"))
    raise Fault(404, "0x8006088a", f"Resource not found for the segment '{place}'.")


def _caught(work: Any) -> Reply:
    try:
        reply: Reply = work()
    except Fault as fault:
        return Reply(fault.status, fault.body, headers=fault.headers)
    return reply


def _json(content: Any) -> Reply:
    return Reply(200, json.dumps(content), "application/json; odata.metadata=minimal")
