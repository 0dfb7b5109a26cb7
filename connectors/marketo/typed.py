"""The kinds of values that fields take, read from the text that a mapping makes."""

from __future__ import annotations

import re
from datetime import datetime

from connectors.marketo.schema import Field

_TRUE = ("true", "1", "yes", "on")
_CUTTABLE = ("text", "boolean")
"""Kinds whose value fits always: a part of a text is still true, and any text is a yes or a no."""
_WHOLE = re.compile(r"[+-]?[0-9]{1,15}")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]+)?")


def holds(found: Field, value: str) -> bool:
    """Tell whether a field can hold a value, or a part of it that is still true: half a number is a wrong one."""
    if found.kind == "number":
        return _number(found, value) is not None
    if found.kind == "date":
        return _moment(value) is not None
    return found.kind in _CUTTABLE or found.limit is None or len(value) <= found.limit


def typed(found: Field, value: str) -> str | bool | float | None:
    """Return a value that the field holds as it is sent."""
    if found.kind == "boolean":
        return value.casefold() in _TRUE
    if found.kind == "number":
        return _number(found, value)
    if found.kind == "date" and (moment := _moment(value)):
        return moment.date().isoformat() if found.type == "date" else moment.isoformat()
    return value


def _number(found: Field, value: str) -> float | None:
    pattern = _DECIMAL if found.type in ("float", "currency") else _WHOLE
    if not pattern.fullmatch(value):
        return None
    return float(value) if "." in value else int(value)


def _moment(value: str) -> datetime | None:
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None
