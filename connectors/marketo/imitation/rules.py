"""What the imitated subscription demands of a record."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from connectors.marketo.imitation.subscription import Fault, Form, Record, Row, Subscription

Reason = dict[str, str]

_EMAIL = re.compile(r"[!-?A-~]+@[a-z0-9-]+(\.[a-z0-9-]+)+", re.IGNORECASE)
_TEXT_AREA = 30_000


def reason(code: str, message: str = "") -> Reason:
    return {"code": code, "message": message or code}


def faults(subscription: Subscription, record: Record) -> list[Reason]:
    """List why a record is left out."""
    email = str(record.get("email", ""))
    if waiting := subscription.refusals.get(email):
        return [reason(*waiting.pop(0))]
    if not _EMAIL.fullmatch(email):
        return [reason("1003", f"Value for required field 'email' is invalid: '{email}'")]
    matching = subscription.found(email)
    if len(matching) > 1:
        return [reason("1007", "Multiple leads match the lookup criteria")]
    if "company" in record and email in subscription.company_kept:
        return [reason("1021", "Company update not allowed")]
    return [fault for name, value in record.items() for fault in _of_value(subscription, name, value)]


def know(subscription: Subscription, record: Record) -> None:
    """Refuse the whole request where it names a field that is not there."""
    for name in record:
        found = subscription.field(name)
        if found is None:
            raise Fault("1006", f"Field '{name}' not found")
        if found["rest"]["readOnly"]:
            raise Fault("1003", f"Field '{name}' is read only")


def on_form(subscription: Subscription, form: Form, record: Record) -> list[Reason]:
    """List why a form is not taken: it asks for other fields, or for more."""
    names = {found["soap"]["name"]: found["rest"]["name"] for found in subscription.fields}
    asked = {names[each["id"]]: each for each in form.fields if each["id"] in names}
    strange = [reason("1006", f"Field '{name}' not found") for name in record if name not in asked]
    empty = [name for name, each in asked.items() if each.get("required") and not record.get(name)]
    return strange + [reason("1002", f"Missing value for the required parameter '{name}'") for name in empty]


def _of_value(subscription: Subscription, name: str, value: Any) -> Iterator[Reason]:
    found = subscription.field(name) or {}
    kind, text = found["dataType"], str(value)
    if not _is_of(kind, value):
        yield reason("1001", f"Invalid value '{text}'. Required of type '{kind}'")
    elif _size(kind, text) > _room(kind, found):
        yield reason("1003", f"Value for field '{name}' is too long")


def _size(kind: str, text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass")) if kind == "text" else len(text)


def _room(kind: str, found: Row) -> float:
    most: float = found.get("length", float("inf"))
    return min(most, _TEXT_AREA) if kind == "text" else most


def _is_of(kind: str, value: Any) -> bool:
    if kind == "boolean":
        return isinstance(value, bool)
    if kind in ("integer", "score", "percent"):
        return isinstance(value, int) and not isinstance(value, bool)
    if kind in ("float", "currency"):
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind in ("date", "datetime"):
        return isinstance(value, str) and _is_moment(value)
    return isinstance(value, str)


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
