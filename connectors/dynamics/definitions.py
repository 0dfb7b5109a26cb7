"""Read the definitions of columns that an environment gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.dynamics.schema import Column, Schema

_KINDS = {
    "bigint": "number",
    "boolean": "boolean",
    "datetime": "date",
    "decimal": "number",
    "double": "number",
    "integer": "number",
    "memo": "text",
    "money": "number",
    "picklist": "choice",
    "string": "text",
}
"""Types of columns that a lead can fill, and what they are called here."""
_FORMATS = {"email": "email", "phone": "phone"}
_DEMANDED = ("ApplicationRequired", "SystemRequired")


def read(attributes: Any, lengths: Any, choices: Any) -> Schema:
    """Read what was asked of all columns, of those with a length and of those with choices; ValueError for nonsense."""
    try:
        longest = {found["LogicalName"]: found for found in lengths}
        chosen = {found["LogicalName"]: _choices(found) for found in choices}
        columns = [_column(found, longest, chosen) for found in attributes if _is_ours(found)]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValueError("no definitions of columns") from error
    return Schema({column.name: column for column in columns})


def _is_ours(found: Mapping[str, Any]) -> bool:
    """Leave out what cannot be filled: what Dataverse writes itself, and parts of other columns."""
    return bool(found["IsValidForCreate"]) and not found.get("AttributeOf") and found["AttributeType"].lower() in _KINDS


def _column(found: Mapping[str, Any], longest: Mapping[str, Any], chosen: Mapping[str, dict[str, int]]) -> Column:
    name, kind = str(found["LogicalName"]), str(found["AttributeType"]).lower()
    sized = longest.get(name, {})
    level = (found.get("RequiredLevel") or {}).get("Value")
    return Column(
        name=name,
        label=_label(found) or name,
        kind=_FORMATS.get(str((sized.get("FormatName") or {}).get("Value", "")).lower(), _KINDS[kind]),
        length=int(sized["MaxLength"]) if sized.get("MaxLength") else None,
        lines=kind == "memo",
        exact=kind in ("integer", "bigint"),
        required=level in _DEMANDED and kind != "boolean",
        choices=chosen.get(name, {}),
    )


def _choices(found: Mapping[str, Any]) -> dict[str, int]:
    options = (found.get("OptionSet") or found.get("GlobalOptionSet") or {}).get("Options") or ()
    return {_text(option["Label"]) or str(option["Value"]): int(option["Value"]) for option in options}


def _label(found: Mapping[str, Any]) -> str:
    return _text(found.get("DisplayName"))


def _text(label: Any) -> str:
    return str(((label or {}).get("UserLocalizedLabel") or {}).get("Label") or "")
