"""What the imitated organization demands of a record."""

from __future__ import annotations

import re
from collections.abc import Iterator

from connectors.salesforce.imitation.organization import Organization, Record, Row, error

_EMAIL = re.compile(r"[^@\s,;\"()<>]+@[^@\s,;\"()<>]+\.[A-Za-z]{2,}")


def faults(org: Organization, record: Record, *, creating: bool) -> list[Row]:
    """List why a record is refused: what one can see by looking at it, then what its own refusals say."""
    seen = [*_missing(org, record, creating=creating), *_values(org, record)]
    waiting = org.refusals.get(str(record.get("Email", "")))
    return seen or ([waiting.pop(0)] if waiting else [])


def _missing(org: Organization, record: Record, *, creating: bool) -> Iterator[Row]:
    demanded = [
        found["name"]
        for found in org.fields
        if found["createable"] and not found["nillable"] and not found["defaultedOnCreate"]
    ]
    empty = [name for name in demanded if (creating or name in record) and not record.get(name)]
    if empty:
        named = ", ".join(empty)
        yield error("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{named}]", tuple(empty))


def _values(org: Organization, record: Record) -> Iterator[Row]:
    for name, value in record.items():
        found = org.field(name)
        if found is None:
            yield error("INVALID_FIELD", f"No such column '{name}' on sobject of type Lead", (name,))
        elif not found["createable"]:
            yield error("INVALID_FIELD_FOR_INSERT_UPDATE", f"Unable to create/update fields: {name}.", (name,))
        elif value not in (None, ""):
            yield from _value(found, value)


def _value(found: Record, value: object) -> Iterator[Row]:
    name, text = found["name"], str(value)
    allowed = {entry["value"] for entry in found["picklistValues"]}
    units = len(text.encode("utf-16-le", "surrogatepass")) // 2
    if found["length"] and units > found["length"]:
        yield error("STRING_TOO_LONG", f"{name}: data value too large (max length={found['length']})", (name,))
    elif found["type"] == "email" and not _EMAIL.fullmatch(text):
        yield error("INVALID_EMAIL_ADDRESS", f"{name}: invalid email address: {text}", (name,))
    elif found["restrictedPicklist"] and text not in allowed:
        message = f"{name}: bad value for restricted picklist field: {text}"
        yield error("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, (name,))
    elif found["type"] == "boolean" and not isinstance(value, bool):
        yield error("INVALID_TYPE_ON_FIELD_IN_RECORD", f"{name}: value not of required type: {text}", (name,))
