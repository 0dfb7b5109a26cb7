"""Writing to the imitated environment: one record at a time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from connectors.dynamics.imitation import rules
from connectors.dynamics.imitation.environment import Environment, Fault, Record
from connectors.stand_in import Reply


def create(env: Environment, body: bytes, headers: Mapping[str, str]) -> Reply:
    return _add(env, str(uuid4()), _read(body), headers)


def upsert(env: Environment, place: str, body: bytes, headers: Mapping[str, str]) -> Reply:
    """Create or update a lead by its id, as the conditions in the headers allow."""
    record, found = _read(body), env.records.get(place)
    if found is not None and headers.get("if-none-match") == "*":
        raise Fault(412, "", "A record with matching key values already exists.")
    if found is None and headers.get("if-match") == "*":
        raise rules.absent("lead", place)
    if found is None:
        return _add(env, place, record, headers)
    _refuse(env, record)
    rules.check(env, record)
    found.update(record)
    return _done(place)


def delete(env: Environment, place: str) -> Reply:
    if "prvDeleteLead" not in env.privileges:
        raise lacking(env, "prvDeleteLead")
    if env.records.pop(place, None) is None:
        raise rules.absent("lead", place)
    return Reply(204)


def lacking(env: Environment, privilege: str) -> Fault:
    told = f"Principal user (Id={env.user_id}, type=8) is missing {privilege} privilege (Id=b3d9…) on OTC=4"
    return Fault(403, "0x80040220", told)


def _add(env: Environment, place: str, record: Record, headers: Mapping[str, str]) -> Reply:
    if "prvCreateLead" not in env.privileges:
        raise lacking(env, "prvCreateLead")
    _refuse(env, record)
    rules.check(env, record)
    if headers.get("mscrm.suppressduplicatedetection") == "false":
        _find_duplicate(env, record)
    env.records[place] = {"leadid": place, "merged": False, **record}
    return _done(place)


def _refuse(env: Environment, record: Record) -> None:
    told = env.refusals.get(str(record.get("emailaddress1")))
    if told:
        raise told.pop(0)


def _find_duplicate(env: Environment, record: Record) -> None:
    name = env.duplicate_column
    for found in env.records.values():
        if name and record.get(name) and found.get(name) == record[name]:
            told = "A record was not created or updated because a duplicate of the current record already exists."
            raise Fault(env.duplicate_status, "0x80040333", told)


def _read(body: bytes) -> Record:
    try:
        record: Any = json.loads(body)
    except (ValueError, RecursionError):
        raise rules.payload("it is not JSON") from None
    if not isinstance(record, dict):
        raise rules.payload("it is not an object")
    return record


def _done(place: str) -> Reply:
    return Reply(204, headers={"OData-Version": "4.0", "OData-EntityId": f"/api/data/v9.2/leads({place})"})
