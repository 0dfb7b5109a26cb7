"""Connecting the demo's destinations to the sandbox, whatever kinds there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors import registry, sandbox
from leads import destinations
from leads.models import Destination, Publisher


def role(publisher: Publisher, name: str) -> Destination:
    """Connect a destination that the story knows by name."""
    slug, settings = sandbox.roles()[name]
    return _connect(publisher, name, slug, settings)


def one_of_each_kind(publisher: Publisher) -> list[Destination]:
    """Connect one destination more for each kind that gives settings for it, named as the kind is."""
    given = sandbox.demos()
    return [
        _connect(publisher, kind.label, slug, given[slug])
        for slug, kind in registry.all_connectors().items()
        if slug in given
    ]


def _connect(publisher: Publisher, name: str, slug: str, settings: Mapping[str, Any]) -> Destination:
    form = registry.get(slug).form_class(data=dict(settings))
    if not form.is_valid():
        raise ValueError(f"The sandbox of {slug} gives settings that its form refuses: {form.errors.as_text()}")
    return destinations.create(publisher, name=name, connector=slug, config=form.config())[0]
