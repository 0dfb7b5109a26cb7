"""What the imitated environment demands of a record."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors.dynamics.imitation.environment import Environment, Fault, Record

_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "String": str,
    "Memo": str,
    "DateTime": str,
    "Picklist": int,
    "Integer": int,
    "Money": (int, float),
    "Boolean": bool,
}
_REFERENCE = re.compile(r"/(systemusers|teams|campaigns)\(([0-9a-f-]{36})\)")


def check(env: Environment, record: Record) -> None:
    """Refuse a record that the environment cannot take, as it would."""
    for name, value in record.items():
        column, sign, _ = name.partition("@odata.bind")
        if sign:
            _check_reference(env, str(value))
        else:
            _check_value(env.column(column), name, value)


def _check_reference(env: Environment, value: str) -> None:
    match = _REFERENCE.fullmatch(value)
    if not match:
        raise payload(f"Invalid reference '{value}'")
    kind, found = match.groups()
    if found not in (env.campaigns if kind == "campaigns" else env.owners):
        raise absent(kind.removesuffix("s"), found)


def _check_value(column: Record | None, name: str, value: Any) -> None:
    if column is None or not column["IsValidForCreate"]:
        raise payload(f"Invalid property '{name}' was found in entity 'Microsoft.Dynamics.CRM.lead'.")
    expected = _TYPES.get(column["AttributeType"], str)
    if not isinstance(value, expected) or (isinstance(value, bool) and expected is not bool):
        raise payload(f"Cannot convert the value of property '{name}' to the expected type.")
    length = column.get("MaxLength")
    if length and len(str(value).encode("utf-16-le", "surrogatepass")) // 2 > length:
        told = f"The length of the '{name}' attribute of the 'lead' entity exceeded the maximum of '{length}'."
        raise Fault(400, "0x80044331", f"A validation error occurred. {told}")
    if column["AttributeType"] == "Picklist" and value not in _options(column):
        raise Fault(
            400, "0x8004431a", f"The value of '{name}' attribute on record of type 'lead' is outside the range."
        )


def _options(column: Record) -> set[int]:
    options = column.get("OptionSet") or column.get("GlobalOptionSet") or {}
    return {option["Value"] for option in options["Options"]}


def payload(inner: str) -> Fault:
    """Refuse what could not be read."""
    return Fault(400, "0x80048d19", f"Error identified in Payload provided by the user for Entity :'leads', {inner}")


def absent(kind: str, found: str) -> Fault:
    return Fault(404, "0x80040217", f"Entity '{kind}' With Id = {found} Does Not Exist")
