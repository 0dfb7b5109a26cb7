"""The organization's Lead object, read once an hour by each process: its describe is large and seldom changes."""

from __future__ import annotations

from threading import Lock
from time import monotonic

from connectors.salesforce import outcomes, signin
from connectors.salesforce.client import Org
from connectors.salesforce.config import SalesforceConfig
from connectors.salesforce.schema import Schema, read

KEPT = 3_600.0
"""Seconds."""
MOST_KEPT = 200
"""Organizations that one process remembers."""

_schemas: dict[str, tuple[float, Schema]] = {}
_lock = Lock()


def known(config: SalesforceConfig) -> Schema | None:
    """Return what has been read within the hour, asking nobody."""
    with _lock:
        until, schema = _schemas.get(_key(config), (0.0, None))
    return schema if monotonic() < until else None


def of(org: Org) -> Schema:
    """Return the fields of the organization's Lead, reading them where that is due."""
    return known(org.config) or fresh(org)


def fresh(org: Org) -> Schema:
    """Read the fields now."""
    try:
        schema = read(org.ask("GET", "sobjects", "Lead", "describe"))
    except ValueError:
        raise outcomes.unreadable() from None
    with _lock:
        if len(_schemas) >= MOST_KEPT:
            _schemas.clear()
        _schemas[_key(org.config)] = (monotonic() + KEPT, schema)
    return schema


def forget(config: SalesforceConfig) -> None:
    """Drop what was read, because Salesforce has said that it is no longer so."""
    with _lock:
        _schemas.pop(_key(config), None)


def forget_all() -> None:
    with _lock:
        _schemas.clear()


def _key(config: SalesforceConfig) -> str:
    return signin.grant(config).fingerprint
