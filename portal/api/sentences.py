"""From pydantic's findings to sentences that name the field and the rule. No value that was sent is repeated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from portal.api.problems import Fault

MOST = 20
LONGEST_NAME = 60

RULES = {
    "missing": "{field} is required.",
    "extra_forbidden": "{field} is not a field here.",
    "string_type": "{field} must be text.",
    "string_too_long": "{field} may have at most {max_length} characters.",
    "string_too_short": "{field} must have at least {min_length} characters.",
    "bool_type": "{field} must be true or false.",
    "int_type": "{field} must be a whole number.",
    "int_parsing": "{field} must be a whole number.",
    "int_from_float": "{field} must be a whole number.",
    "int_parsing_size": "{field} is too large a number.",
    "greater_than_equal": "{field} must be at least {ge}.",
    "less_than_equal": "{field} must be at most {le}.",
    "list_type": "{field} must be a list.",
    "too_short": "{field} must have at least {min_length} entries.",
    "too_long": "{field} may have at most {max_length} entries.",
    "dict_type": "{field} must be an object.",
    "model_type": "{field} must be an object.",
    "model_attributes_type": "{field} must be an object.",
    "literal_error": "{field} must be {expected}.",
    "enum": "{field} must be {expected}.",
    "value_error": "{field} {error}",
}
MOMENT = "{field} must be a date and time, such as 2025-05-01T12:00:00Z."


def faults(findings: Iterable[Mapping[str, Any]], skip: int = 0) -> list[Fault]:
    """Write a fault for each finding; ``skip`` leading parts of its place are not the sender's."""
    return [_fault(finding, finding["loc"][skip:]) for finding in list(findings)[:MOST]]


def place(parts: Sequence[str | int]) -> str:
    """Write the way to a field, such as ``Extra.tags[0]``."""
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{_printable(part)}" for part in parts)
    return path.removeprefix(".")


def _fault(finding: Mapping[str, Any], parts: Sequence[str | int]) -> Fault:
    kind = finding["type"]
    pattern = MOMENT if kind.startswith("datetime") else RULES.get(kind, "{field} is not valid.")
    field = place(parts)
    return Fault(field, pattern.format_map({"field": field or "The body"} | finding.get("ctx", {})))


def _printable(name: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in name[:LONGEST_NAME])
