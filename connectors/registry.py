"""Every connector there is, found by its folder: ``connectors/<slug>/connector.py`` holds one ``Connector`` class."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from connectors.base import Connector
from connectors.http import open_session

HERE = Path(__file__).parent
MOST_AT_ONCE = 32
"""Connections to one host that a session keeps; there are never more than were in use at once."""


@cache
def all_connectors() -> dict[str, type[Connector[Any]]]:
    """Map slug to connector class, by label."""
    folders = sorted(path.parent for path in HERE.glob("*/connector.py"))
    found = {folder.name: _load(folder) for folder in folders}
    return dict(sorted(found.items(), key=lambda item: item[1].label))


def get(slug: str) -> type[Connector[Any]]:
    """Return the connector class of a slug; KeyError where there is none."""
    return all_connectors()[slug]


def choices() -> list[tuple[str, str]]:
    """List (slug, label) for a model field or a form."""
    return [(slug, connector.label) for slug, connector in all_connectors().items()]


@contextmanager
def connect(slug: str, stored: Mapping[str, Any], mapping: Mapping[str, str] | None = None) -> Iterator[Connector[Any]]:
    """Open a connector on stored settings with a guarded session, and close the session afterwards."""
    connector_class = get(slug)
    config = connector_class.config_class.load(stored)
    with open_session(
        deadline=connector_class.deadline,
        pool_size=MOST_AT_ONCE,
        answer_bytes=connector_class.answer_bytes,
    ) as session:
        yield connector_class(config, session, mapping)


def _load(folder: Path) -> type[Connector[Any]]:
    module = import_module(f"connectors.{folder.name}.connector")
    [connector_class] = [
        value
        for value in vars(module).values()
        if inspect.isclass(value) and issubclass(value, Connector) and value.__module__ == module.__name__
    ]
    connector_class.slug = folder.name
    connector_class.folder = folder
    return connector_class
