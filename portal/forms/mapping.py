"""The form of a mapping: rows of a target field and what goes into it, as many as one likes, without a script."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from django.http import QueryDict

from connectors.base import TargetField

SPARE = 1
"""Empty rows at the end."""


@dataclass(frozen=True, slots=True)
class Row:
    """``known`` is what the target says of the field, None where it says nothing."""

    field: str = ""
    template: str = ""
    known: TargetField | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.field or self.template)


class MappingForm:
    """Rows as they stand on the page. ``faults`` are sentences about them."""

    def __init__(self, rows: list[Row]) -> None:
        self.given = [row for row in rows if not row.is_empty]
        self.spare = SPARE

    @classmethod
    def of(cls, mapping: Mapping[str, str]) -> Self:
        return cls([Row(name, template) for name, template in sorted(mapping.items())])

    @classmethod
    def entered(cls, posted: QueryDict) -> Self:
        """Read what was typed; ``remove`` names a row to leave out, ``add`` asks for one more to fill in."""
        pairs = zip(posted.getlist("field"), posted.getlist("template"), strict=False)
        rows = [Row(name.strip(), template.strip()) for name, template in pairs]
        form = cls([row for number, row in enumerate(rows) if str(number) != posted.get("remove")])
        form.spare += "add" in posted
        return form

    @property
    def mapping(self) -> dict[str, str]:
        return {row.field: row.template for row in self.given}

    def faults(self) -> list[str]:
        """Name what a mapping cannot even say: a row without its field, a field twice."""
        names = [row.field for row in self.given]
        nameless = [
            f"“{row.template}” has no target field: name the field it goes into." for row in self.given if not row.field
        ]
        twice = [
            f"{name} stands in two rows. Keep one." for name in dict.fromkeys(names) if name and names.count(name) > 1
        ]
        return nameless + twice

    def rows(self, known: Mapping[str, TargetField]) -> list[Row]:
        """List the rows with what the target says of their fields, and empty ones to fill in."""
        given = [Row(row.field, row.template, known.get(row.field)) for row in self.given]
        return given + [Row()] * self.spare
