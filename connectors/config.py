"""The settings of one destination, frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Config:
    """Base of every connector's config: a frozen dataclass whose field names are the keys of form, API and storage."""

    @classmethod
    def load(cls, stored: Mapping[str, Any]) -> Self:
        """Build from stored settings; keys this version does not know are left out."""
        return cls(**{f.name: stored[f.name] for f in fields(cls) if f.name in stored})

    @classmethod
    def secret_keys(cls) -> frozenset[str]:
        """Name the keys that never return to a page, a log or an answer."""
        return frozenset(f.name for f in fields(cls) if f.metadata.get("secret"))

    def secret_values(self) -> list[str]:
        """List the secrets that are set, so that they can be masked wherever they may turn up."""
        return [value for key in self.secret_keys() if (value := getattr(self, key))]


def secret() -> Any:
    """Declare a config field that is a secret: kept out of ``repr`` and of everything shown."""
    return field(default="", repr=False, metadata={"secret": True})
