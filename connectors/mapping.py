"""What goes into which field of the target: ``{target field: template}``.

A template is a constant with placeholders, such as ``Web: {OfferTitle} / {Extra.utm_source}``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC
from operator import attrgetter
from typing import Any

from connectors.base import LeadPayload, TargetField

MOST_FIELDS = 100
LONGEST_NAME = 255
LONGEST_TEMPLATE = 1_000
MOST_NAMED = 10
"""Values of a pick-list that a sentence names."""

_LEAD_FIELDS: dict[str, Callable[[LeadPayload], str]] = {
    "FirstName": attrgetter("first_name"),
    "LastName": attrgetter("last_name"),
    "Email": attrgetter("email"),
    "Phone": attrgetter("phone"),
    "Country": attrgetter("country"),
    "Company": attrgetter("company"),
    "Title": attrgetter("title"),
    "Description": attrgetter("description"),
    "OfferId": attrgetter("offer_id"),
    "OfferTitle": attrgetter("offer_title"),
    "LeadSource": attrgetter("source"),
    "ActionCode": attrgetter("action"),
    "LeadId": attrgetter("id"),
    "ReceivedAt": lambda lead: lead.received_at.astimezone(UTC).isoformat(timespec="seconds"),
    "DoNotContact": lambda lead: str(lead.do_not_contact).lower(),
    "IsTest": lambda lead: str(lead.is_test).lower(),
}
PLACEHOLDERS = (*_LEAD_FIELDS, "Extra.…")
"""What may stand between braces; after ``Extra.`` any key of the lead's extra data."""

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def validate(mapping: Mapping[str, Any], reserved: Collection[str] = ()) -> list[str]:
    """List what is wrong, one sentence each naming the field and the rule; ``reserved`` fields are the connector's."""
    faults = [f"The mapping may have at most {MOST_FIELDS} fields."] if len(mapping) > MOST_FIELDS else []
    for name, template in mapping.items():
        faults += _name_faults(name, reserved)
        faults += [f"{name}: {fault}" for fault in _template_faults(template)]
    return faults


def judge(mapping: Mapping[str, str], fields: Iterable[TargetField]) -> list[str]:
    """List what the target would not take of a valid mapping, one sentence each; nothing where it names no fields."""
    known = {field.name: field for field in fields}
    unknown = [name for name in mapping if known and name not in known]
    faults = [f"{name} is not a field that the target lets us write. Choose one of its own." for name in unknown]
    for name, template in mapping.items():
        faults += _field_faults(known[name], template) if name in known else []
    return faults


def uncovered(templates: Mapping[str, str], fields: Iterable[TargetField]) -> list[TargetField]:
    """List the fields that the target requires and that nothing is sent to."""
    return [field for field in fields if field.required and not templates.get(field.name)]


def apply(mapping: Mapping[str, str], lead: LeadPayload) -> dict[str, str]:
    """Fill in the templates for one lead; what the lead does not have is left empty."""

    def filled(match: re.Match[str]) -> str:
        return _value(match[1], lead)

    return {name: _PLACEHOLDER.sub(filled, template) for name, template in mapping.items()}


def _field_faults(field: TargetField, template: str) -> Iterator[str]:
    if field.required and not template:
        yield f"{field.label} is required by the target, so something must be sent."
    if not template or _PLACEHOLDER.search(template):
        return
    if field.max_length is not None and len(template) > field.max_length:
        yield f"{field.label} takes {field.max_length:,} characters, and this text has {len(template):,}."
    if field.restricted and template not in field.choices:
        shown = ", ".join(field.choices[:MOST_NAMED]) + (", …" if len(field.choices) > MOST_NAMED else "")
        yield f"{field.label} takes one of its own values only, and “{template}” is none: {shown}."


def _name_faults(name: str, reserved: Collection[str]) -> Iterator[str]:
    if not name.strip() or len(name) > LONGEST_NAME or _CONTROL.search(name):
        yield f"A target field's name must have 1 to {LONGEST_NAME} characters, none of them a control character."
    if name in reserved:
        yield f"{name} is always sent and cannot be mapped; choose another name."


def _template_faults(template: Any) -> Iterator[str]:
    if not isinstance(template, str):
        yield "the value must be text."
    elif len(template) > LONGEST_TEMPLATE or "\x00" in template:
        yield f"the value must have at most {LONGEST_TEMPLATE:,} characters and no NUL character."
    else:
        yield from _placeholder_faults(template)


def _placeholder_faults(template: str) -> Iterator[str]:
    known = ", ".join(PLACEHOLDERS)
    for name in _PLACEHOLDER.findall(template):
        if name == "Extra.":
            yield "{Extra.} must name a key of the extra data, such as {Extra.utm_source}."
        elif name not in _LEAD_FIELDS and not name.startswith("Extra."):
            yield f"{{{name}}} is not a field of a lead; use one of {known}."
    if re.search(r"[{}]", _PLACEHOLDER.sub("", template)):
        yield "braces must come in pairs around a lead field, such as {FirstName}."


def _value(name: str, lead: LeadPayload) -> str:
    if name in _LEAD_FIELDS:
        return _LEAD_FIELDS[name](lead)
    return _text(lead.extra.get(name.removeprefix("Extra.")))


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
