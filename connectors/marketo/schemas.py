"""The fields of a subscription, asked for once a day, for all workers: a describe is large and seldom changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from threading import Lock
from time import monotonic
from typing import Any

from connectors.marketo import outcomes
from connectors.marketo.client import Subscription
from connectors.marketo.config import MarketoConfig
from connectors.marketo.schema import Schema, read, retold
from connectors.store import ask

KEPT = 86_400
"""Seconds."""
REMEMBERED = 600.0
"""Seconds that one process goes by what it has read from the others."""
MOST_REMEMBERED = 200
"""Subscriptions."""

_schemas: dict[str, tuple[float, Schema]] = {}
_lock = Lock()


def known(config: MarketoConfig) -> Schema | None:
    """Return what was read within the day, without asking Marketo."""
    with _lock:
        until, schema = _schemas.get(_name(config), (0.0, None))
    if schema and monotonic() < until:
        return schema
    said = ask(lambda redis: redis.get(_name(config)), lambda: None)
    return _remember(config, retold(json.loads(said))) if isinstance(said, bytes) else None


def of(subscription: Subscription, names: Collection[str] = ()) -> Schema:
    """Return the fields; asked for anew where any of ``names`` is not among those that are known."""
    found = known(subscription.config)
    return found if found and all(found.writes(name) for name in names) else fresh(subscription)


def fresh(subscription: Subscription) -> Schema:
    """Ask for the fields, those of the form alone where leads fill one out."""
    return keep(subscription, described(subscription))


def keep(subscription: Subscription, schema: Schema) -> Schema:
    """Keep for all workers what was described, as far as leads can be given it."""
    config = subscription.config
    if config.by_form:
        schema = schema.on_form(form_fields(subscription))
    written = json.dumps(schema.told())
    ask(lambda redis: redis.set(_name(config), written, ex=KEPT), lambda: None)
    return _remember(config, schema)


def form_fields(subscription: Subscription) -> list[Any]:
    """Ask what is on the form."""
    return subscription.ask("GET", f"/rest/asset/v1/form/{subscription.config.form_number}/fields.json")


def forget(config: MarketoConfig) -> None:
    """Ask anew next time."""
    with _lock:
        _schemas.pop(_name(config), None)
    ask(lambda redis: redis.delete(_name(config)), lambda: None)


def forget_all() -> None:
    """Drop whatever this process remembers."""
    with _lock:
        _schemas.clear()


def described(subscription: Subscription) -> Schema:
    """Ask for all fields that the API user may see."""
    try:
        return read(subscription.ask("GET", "/rest/v1/leads/describe.json"))
    except ValueError:
        raise outcomes.unreadable(200) from None


def _remember(config: MarketoConfig, schema: Schema) -> Schema:
    with _lock:
        if len(_schemas) > MOST_REMEMBERED:
            _schemas.clear()
        _schemas[_name(config)] = monotonic() + REMEMBERED, schema
    return schema


def _name(config: MarketoConfig) -> str:
    """Name the place of the fields that this API user sees."""
    told = json.dumps([config.munchkin_id, config.client_id, config.form_id if config.by_form else ""])
    return f"marketo:fields:{hashlib.sha256(told.encode()).hexdigest()}"
