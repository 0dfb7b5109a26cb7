"""Writing people into the imitated subscription: synchronised, pushed to a program, or by a form."""

from __future__ import annotations

from time import sleep
from typing import Any

from connectors.marketo.imitation import rules
from connectors.marketo.imitation.subscription import Fault, Record, Row, Subscription

MOST = 300
_ACTIONS = ("createOrUpdate", "updateOnly", "createOnly")


def sync(subscription: Subscription, body: Any) -> list[Row]:
    """Answer a request to synchronise people."""
    records = _records(body)
    action = body.get("action", "createOrUpdate")
    if action not in _ACTIONS:
        raise Fault("1003", f"Invalid action '{action}'")
    _partition(subscription, body)
    return _upsert(subscription, "leads", records, action)


def push(subscription: Subscription, body: Any) -> list[Row]:
    """Answer a request to push people to a program."""
    records = _records(body)
    program = body.get("programName")
    if not program:
        raise Fault("701", "programName cannot be blank")
    if program not in subscription.programs.values():
        raise Fault("1013", "Object not found")
    _partition(subscription, body)
    rows = _upsert(subscription, "push", records, "createOrUpdate")
    subscription.activities += [{"person": row["id"], "program": program} for row in rows if "id" in row]
    # Rows that were left out have reasons and no status here.
    return [row if "id" in row else {"reasons": row["reasons"]} for row in rows]


def form(subscription: Subscription, body: Any) -> list[Row]:
    """Answer a form that was filled out, by one person."""
    records = _records(body)
    if len(records) != 1 or not isinstance(body.get("formId"), int):
        raise Fault("1003", "One input and a formId are needed")
    found, program = subscription.forms.get(body["formId"]), body.get("programId")
    if found is None or (program is not None and program not in subscription.programs):
        raise Fault("1013", "Object not found")
    filled = records[0].get("leadFormFields")
    if not isinstance(filled, dict):
        raise Fault("701", "leadFormFields cannot be blank")
    if reasons := rules.on_form(subscription, found, filled):
        return [{"status": "skipped", "reasons": reasons}]
    [row] = _upsert(subscription, "form", [filled], "createOrUpdate")
    if "id" in row:
        subscription.activities.append({"person": row["id"], "form": body["formId"], "program": program})
    return [row]


def delete(subscription: Subscription, body: Any) -> list[Row]:
    """Answer a request to delete people by their ids."""
    missing = {"status": "skipped", "reasons": [rules.reason("1004", "Lead not found")]}
    with subscription.lock:
        ids = [int(each["id"]) for each in _records(body)]
        return [{"id": each, "status": "deleted"} if subscription.delete(each) else missing for each in ids]


def _records(body: Any) -> list[Record]:
    records = body.get("input") if isinstance(body, dict) else None
    if not isinstance(records, list) or not records or not all(isinstance(each, dict) for each in records):
        raise Fault("701", "input cannot be blank")
    if len(records) > MOST:
        raise Fault("1003", f"Too many records: {len(records)}")
    if body.get("lookupField", "email") != "email":
        raise Fault("1011", f"Field '{body['lookupField']}' not supported")
    return records


def _partition(subscription: Subscription, body: Any) -> None:
    name = body.get("partitionName")
    if name is not None and name not in subscription.partitions:
        raise Fault("1008", f"Access denied to partition '{name}'")


def _upsert(subscription: Subscription, path: str, records: list[Record], action: str) -> list[Row]:
    with subscription.lock:
        for record in records:
            rules.know(subscription, record)
        if action != "updateOnly":
            subscription.written.append({"path": path, "size": len(records)})
        reasons = [rules.faults(subscription, record) for record in records]
        matching = [subscription.found(str(record.get("email", ""))) for record in records]
    sleep(subscription.takes)
    with subscription.lock:
        written = zip(records, reasons, matching, strict=True)
        return [_skipped(*why) if why else _one(subscription, record, ids, action) for record, why, ids in written]


def _one(subscription: Subscription, record: Record, ids: list[int], action: str) -> Row:
    if ids and action == "createOnly":
        return _skipped(rules.reason("1005", "Lead already exists"))
    if ids:
        subscription.people[ids[0]].update(record)
        return {"id": ids[0], "status": "updated"}
    if action == "updateOnly":
        return _skipped(rules.reason("1004", "Lead not found"))
    return {"id": subscription.add(record), "status": "created"}


def _skipped(*reasons: rules.Reason) -> Row:
    return {"status": "skipped", "reasons": list(reasons)}
