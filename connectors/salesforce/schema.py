"""What an organization's Lead object has: its fields, their lengths, their pick-lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.values import TargetField

_KINDS = {
    "boolean": "boolean",
    "currency": "number",
    "date": "date",
    "datetime": "date",
    "double": "number",
    "email": "email",
    "int": "number",
    "multipicklist": "choice",
    "percent": "number",
    "phone": "phone",
    "picklist": "choice",
    "reference": "reference",
}
"""How the kinds of Salesforce are called here; every other one is text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field. ``choices`` maps what may be sent to its label, ``restricted`` says that nothing else may be."""

    name: str
    label: str
    kind: str = "text"
    length: int | None = None
    createable: bool = True
    required: bool = False
    unique: bool = False
    external_id: bool = False
    restricted: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)

    @property
    def cuttable(self) -> bool:
        """Tell whether a part of a value is still true: half an address or a number is a wrong one."""
        return self.kind == "text"

    def chosen(self, value: str) -> str | None:
        """Return the value of the pick-list that is meant, whatever its case; None where a restricted one lacks it."""
        wanted = value.strip().casefold()
        for known, label in self.choices.items():
            if wanted in (known.casefold(), label.casefold()):
                return known
        return None if self.restricted else value

    def shown(self) -> TargetField:
        """Return what the mapping page shows."""
        return TargetField(
            name=self.name,
            label=self.label,
            required=self.required,
            max_length=self.length,
            choices=tuple(self.choices),
            kind=self.kind,
            restricted=self.restricted,
            unique=self.unique and self.external_id,
        )


@dataclass(frozen=True, slots=True)
class Schema:
    """The fields of an object by name; ``creates`` says whether we may make records of it."""

    fields: Mapping[str, Field]
    creates: bool = True

    def get(self, name: str) -> Field | None:
        return self.fields.get(name)

    @property
    def lengths(self) -> dict[str, int | None]:
        return {name: found.length for name, found in self.fields.items()}

    @property
    def required(self) -> Iterator[Field]:
        return (found for found in self.fields.values() if found.required)

    @property
    def keys(self) -> list[str]:
        """Name the fields that can tell one lead from another: unique, and an external ID."""
        return [found.name for found in self.fields.values() if found.unique and found.external_id]


def read(described: Any) -> Schema:
    """Read the answer of a describe; ValueError where it is none."""
    try:
        fields = [_field(found) for found in described["fields"]]
        return Schema({found.name: found for found in fields}, bool(described["createable"]))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("not a describe") from error


def _field(found: Mapping[str, Any]) -> Field:
    createable = bool(found["createable"])
    kind = _KINDS.get(str(found["type"]), "text")
    values = found.get("picklistValues") or ()
    return Field(
        name=str(found["name"]),
        label=str(found["label"]),
        kind=kind,
        length=int(found.get("length") or 0) or None,
        createable=createable,
        required=createable and not found.get("nillable") and not found.get("defaultedOnCreate"),
        unique=bool(found.get("unique")),
        external_id=bool(found.get("externalId")),
        restricted=kind == "choice" and bool(found.get("restrictedPicklist")),
        choices={str(value["value"]): str(value.get("label") or value["value"]) for value in values if value["active"]},
    )
