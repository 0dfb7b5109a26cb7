"""What the Lead table of an environment has: its columns, their lengths, their choices."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from connectors.values import TargetField

_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,10})?")
_DATE = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,7})?)?(Z|[+-][0-9]{2}:[0-9]{2}))?"
)
_TRUE, _FALSE = ("true", "1", "yes", "on"), ("false", "0", "no", "off")

Value = str | int | float | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column. ``choices`` maps the label of each value to its number; ``exact`` numbers have no fraction."""

    name: str
    label: str
    kind: str = "text"
    length: int | None = None
    lines: bool = False
    exact: bool = False
    required: bool = False
    choices: Mapping[str, int] = field(default_factory=dict)

    @property
    def cuttable(self) -> bool:
        """Tell whether a part of a value is still true: half an address or a number is a wrong one."""
        return self.kind == "text"

    def value(self, text: str) -> Value | None:
        """Return what is sent for a text; None where the column cannot hold it."""
        match self.kind:
            case "choice":
                return self._chosen(text)
            case "boolean":
                return True if text.casefold() in _TRUE else False if text.casefold() in _FALSE else None
            case "number":
                return self._number(text)
            case "date":
                return text if _DATE.fullmatch(text) else None
        return text

    def shown(self) -> TargetField:
        """Return what the mapping page shows."""
        return TargetField(
            name=self.name,
            label=self.label,
            required=self.required,
            max_length=self.length,
            choices=tuple(self.choices),
            kind=self.kind,
            restricted=self.kind == "choice",
        )

    def _chosen(self, text: str) -> int | None:
        wanted = text.casefold()
        numbers = {label.casefold(): number for label, number in self.choices.items()}
        return numbers.get(wanted, int(text) if text in map(str, self.choices.values()) else None)

    def _number(self, text: str) -> int | float | None:
        if not _NUMBER.fullmatch(text) or (self.exact and "." in text):
            return None
        return float(text) if "." in text else int(text)


@dataclass(frozen=True, slots=True)
class Schema:
    """The columns that we may write, by name."""

    columns: Mapping[str, Column]

    def get(self, name: str) -> Column | None:
        return self.columns.get(name)

    @property
    def required(self) -> Iterator[Column]:
        return (column for column in self.columns.values() if column.required)

    def dump(self) -> list[dict[str, Any]]:
        """Write it down for keeping."""
        return [asdict(column) for column in self.columns.values()]

    @classmethod
    def load(cls, kept: list[dict[str, Any]]) -> Self:
        return cls({column["name"]: Column(**column) for column in kept})
