"""Settings and their history in words, secrets left out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.base import Connector
from leads import versions
from leads.models import Destination, DestinationVersion
from portal.forms import choices

STORED = "stored, not shown"
RECENT = 20
"""Versions that are listed."""


@dataclass(frozen=True, slots=True)
class Saved:
    """One version: who saved it, when, and what changed, in sentences."""

    number: int
    by: str
    at: datetime
    changes: list[str]


def facts(destination: Destination) -> list[tuple[str, str]]:
    """List the settings in use as (label, value); empty where no key opens them."""
    words = _Words(destination.connector_class)
    stored = versions.settings(destination)
    return [
        (words.label(key), STORED if key in words.secrets else words.value(key, stored[key]))
        for key in words.fields
        if stored.get(key)
    ]


def history(destination: Destination) -> list[Saved]:
    """List the latest versions, newest first."""
    words = _Words(destination.connector_class)
    saved = destination.versions.select_related("saved_by")[:RECENT]
    return [Saved(version.number, _who(version), version.saved_at, words.changes(version)) for version in saved]


def _who(version: DestinationVersion) -> str:
    return version.saved_by.get_full_name() or version.saved_by.get_username() if version.saved_by else ""


class _Words:
    """The names that a connector's form gives to its settings."""

    def __init__(self, connector: type[Connector[Any]]) -> None:
        self.fields = connector.form_class.base_fields
        self.secrets = connector.config_class.secret_keys()
        self.issued = connector.issue().keys()

    def label(self, key: str) -> str:
        field = self.fields.get(key)
        return str(field.label) if field and field.label else key.replace("_", " ").capitalize()

    def value(self, key: str, value: Any) -> str:
        return choices.word(self.fields.get(key), value)

    def changes(self, version: DestinationVersion) -> list[str]:
        if version.number == 1:
            return ["Connected"]
        said = (self._change(key, change) for key, change in version.changes.items())
        return [sentence for sentence in said if sentence]

    def _change(self, key: str, change: Any) -> str:
        if key == "mapping":
            return "Mapping changed"
        if key not in self.fields and key not in self.issued:
            return ""
        if key in self.secrets:
            return f"{self.label(key)} changed"
        before, after = change
        return self._difference(key, before, after)

    def _difference(self, key: str, before: Any, after: Any) -> str:
        if not after:
            return f"{self.label(key)} removed" if before else ""
        now = f"{self.label(key)}: {self.value(key, after)}"
        return f"{now} (was {self.value(key, before)})" if before else now
