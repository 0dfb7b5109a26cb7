"""The columns of an environment's Lead table, read once a day for all workers: they are many, and seldom change."""

from __future__ import annotations

import hashlib
import json
from threading import Lock
from time import monotonic
from typing import Any

from connectors import store
from connectors.dynamics import answered
from connectors.dynamics.client import Dataverse
from connectors.dynamics.config import DynamicsConfig
from connectors.dynamics.definitions import read
from connectors.dynamics.schema import Schema

KEPT = 86_400.0
"""Seconds."""
GLANCE = 3_600.0
"""Seconds for which a process believes what it has seen, without asking whether another has read anew."""
MOST_KEPT = 200
"""Environments that one process remembers."""

_TABLE = "EntityDefinitions(LogicalName='lead')/Attributes"
_TYPES = "Microsoft.Dynamics.CRM"
_OF_ALL = "LogicalName,DisplayName,AttributeType,AttributeOf,RequiredLevel,IsValidForCreate"

_schemas: dict[str, tuple[float, Schema]] = {}
_lock = Lock()


def known(config: DynamicsConfig) -> Schema | None:
    """Return what has been read within the day, asking nobody but the other workers."""
    key = _key(config)
    with _lock:
        until, schema = _schemas.get(key, (0.0, None))
    if schema and monotonic() < until:
        return schema
    said = store.ask(lambda redis: redis.get(_name(key)), lambda: None)
    return _remember(key, Schema.load(json.loads(said))) if isinstance(said, bytes) else None


def of(environment: Dataverse) -> Schema:
    """Return the columns, reading them where that is due."""
    return known(environment.config) or fresh(environment)


def fresh(environment: Dataverse) -> Schema:
    """Read the columns now."""
    schema = _read(environment)
    key, written = _key(environment.config), json.dumps(schema.dump())
    store.ask(lambda redis: redis.set(_name(key), written, ex=int(KEPT)), lambda: None)
    return _remember(key, schema)


def forget_all() -> None:
    """Drop what this process remembers."""
    with _lock:
        _schemas.clear()


def _read(environment: Dataverse) -> Schema:
    attributes = _ask(environment, _TABLE, _OF_ALL)
    lengths = [
        found
        for kind, more in (("String", ",FormatName"), ("Memo", ""))
        for found in _ask(environment, f"{_TABLE}/{_TYPES}.{kind}AttributeMetadata", f"LogicalName,MaxLength{more}")
    ]
    sets = "OptionSet($select=Options),GlobalOptionSet($select=Options)"
    choices = _ask(environment, f"{_TABLE}/{_TYPES}.PicklistAttributeMetadata", "LogicalName", sets)
    try:
        return read(attributes, lengths, choices)
    except ValueError:
        raise answered.unreadable() from None


def _ask(environment: Dataverse, path: str, select: str, expand: str = "") -> Any:
    params = {"$select": select} | ({"$expand": expand} if expand else {})
    answered = environment.ask("GET", path, params=params).json()
    found = answered.get("value") if isinstance(answered, dict) else None
    if not isinstance(found, list):
        raise answered.unreadable()
    return found


def _remember(key: str, schema: Schema) -> Schema:
    with _lock:
        if len(_schemas) >= MOST_KEPT:
            _schemas.clear()
        _schemas[key] = (monotonic() + GLANCE, schema)
    return schema


def _key(config: DynamicsConfig) -> str:
    """Name the environment and who looks at it, for whom some columns may be secured."""
    seen = [config.instance_url, config.authentication, config.application_id, config.username]
    return hashlib.sha256(json.dumps(seen).encode()).hexdigest()


def _name(key: str) -> str:
    return f"dynamics:columns:{key}"
