"""What a subscription's people have: fields with their kinds and lengths, and which of them are on a form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from connectors.values import TargetField

_KINDS = {
    "boolean": "boolean",
    "currency": "number",
    "date": "date",
    "datetime": "date",
    "email": "email",
    "float": "number",
    "integer": "number",
    "percent": "number",
    "phone": "phone",
    "reference": "reference",
    "score": "number",
}
"""How the kinds of Marketo are called here; every other one is text."""

STRING = 255
"""Characters of a short text where a describe does not say."""
TEXT_AREA = 30_000
"""Bytes in UTF-8: https://experienceleague.adobe.com/en/docs/marketo-developer/marketo/rest/lead-database/field-types"""

_LENGTHS = {"text": TEXT_AREA, "string": STRING, "email": STRING, "phone": STRING, "url": STRING}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field, by its name in the REST API; ``form_name`` is what forms call it. ``type`` is Marketo's own word."""

    name: str
    label: str
    type: str = "string"
    length: int | None = None
    writable: bool = True
    form_name: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        return _KINDS.get(self.type, "text")

    @property
    def has_lines(self) -> bool:
        """Tell a text area from a line of text."""
        return self.type == "text"

    @property
    def limit(self) -> int | None:
        """Return the most that fits: bytes of a text area, characters of anything else."""
        most = _LENGTHS.get(self.type)
        return min(filter(None, (most, self.length)), default=None)

    def shown(self) -> TargetField:
        """Return what the mapping page shows."""
        limit = None if self.kind in ("boolean", "number", "date") else self.limit
        return TargetField(
            name=self.name,
            label=self.label,
            required=self.required,
            max_length=limit,
            choices=self.choices,
            kind=self.kind,
        )


@dataclass(frozen=True, slots=True)
class Schema:
    """The fields by name."""

    fields: Mapping[str, Field]

    def get(self, name: str) -> Field | None:
        return self.fields.get(name)

    def writes(self, name: str) -> bool:
        found = self.fields.get(name)
        return found is not None and found.writable

    @property
    def writable(self) -> Iterator[Field]:
        return (found for found in self.fields.values() if found.writable)

    @property
    def required(self) -> Iterator[Field]:
        return (found for found in self.fields.values() if found.required)

    def on_form(self, form: Iterable[Any]) -> Schema:
        """Keep what is on a form, as the form asks for it."""
        names = {each: found for found in self.fields.values() for each in (found.form_name, found.name) if each}
        asked = {str(each["id"]): each for each in form if isinstance(each, dict) and "id" in each}
        kept = [_asked(names[name], question) for name, question in asked.items() if name in names]
        return Schema({found.name: found for found in kept})

    def told(self) -> list[dict[str, Any]]:
        """Write it down; :func:`retold` reads it."""
        return [asdict(found) for found in self.fields.values()]


def retold(told: Iterable[Mapping[str, Any]]) -> Schema:
    fields = (Field(**{**each, "choices": tuple(each["choices"])}) for each in told)
    return Schema({found.name: found for found in fields})


def read(described: Iterable[Any]) -> Schema:
    """Read the rows of a describe; ValueError where they are none."""
    try:
        fields = [_field(found) for found in described if "rest" in found]
        return Schema({found.name: found for found in fields})
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("not a describe") from error


def _field(found: Mapping[str, Any]) -> Field:
    return Field(
        name=str(found["rest"]["name"]),
        label=str(found["displayName"]),
        type=str(found["dataType"]),
        length=int(found.get("length") or 0) or None,
        writable=not found["rest"].get("readOnly"),
        form_name=str((found.get("soap") or {}).get("name", "")),
    )


def _asked(found: Field, question: Mapping[str, Any]) -> Field:
    data = question.get("fieldMetaData")
    values = data.get("values") if isinstance(data, dict) else None
    given = [str(each.get("value") or "") for each in values or () if isinstance(each, dict)]
    return replace(found, required=bool(question.get("required")), choices=tuple(filter(None, given)))
