"""What a destination is sent where: the connector's defaults, the publisher's mapping over them, and what is amiss."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors import mapping as rules
from connectors import registry
from connectors.base import Connector, LeadPayload, Preview, TargetField
from connectors.errors import DeliveryError
from leads import catalogue
from leads.catalogue import Catalogue
from leads.models import Destination
from leads.payloads import sample
from leads.vault import Unreadable

CANNOT_SHOW = "The stored settings cannot be read, so the message cannot be shown."


@dataclass(frozen=True, slots=True)
class Default:
    """What is sent to a field without any mapping. ``fixed``: it is sent whatever is mapped."""

    field: str
    label: str
    template: str
    fixed: bool
    replaced: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """All that a mapping is judged by and seen in."""

    catalogue: Catalogue | None
    defaults: list[Default]
    uncovered: list[TargetField]
    preview: Preview | None
    unseen: str
    """Why there is no preview."""

    @property
    def fields(self) -> dict[str, TargetField]:
        return {field.name: field for field in self.catalogue.fields} if self.catalogue else {}


def faults(destination: Destination, mapping: Mapping[str, Any]) -> list[str]:
    """Judge a mapping by the rules, and by the target's fields where they are known without asking."""
    kind = destination.connector_class
    broken = rules.validate(mapping, kind.reserved_fields) or kind.mapping_faults(mapping)
    return broken or rules.judge(mapping, catalogue.fields(destination))


def sheet(destination: Destination, mapping: Mapping[str, str]) -> Sheet:
    """Lay out what a valid mapping does; asks the target for its fields where it has any."""
    known = _catalogue(destination)
    fields = {field.name: field for field in known.fields} if known else {}
    defaults, preview, unseen = _shown(destination, mapping)
    return Sheet(
        catalogue=known,
        defaults=[_default(destination, name, defaults[name], fields, mapping) for name in defaults],
        uncovered=rules.uncovered({**defaults, **mapping}, fields.values()),
        preview=preview,
        unseen=unseen,
    )


def _catalogue(destination: Destination) -> Catalogue | None:
    """Ask for the fields; None where the target has no catalogue of them, by its kind or with these settings."""
    known = catalogue.read(destination) if catalogue.has_fields(destination) else None
    return known if known and (known.fields or known.problem) else None


def _shown(destination: Destination, mapping: Mapping[str, str]) -> tuple[Mapping[str, str], Preview | None, str]:
    try:
        with registry.connect(destination.connector, destination.config, mapping) as connector:
            return connector.defaults, *_rendered(connector, sample(destination.publisher.slug))
    except Unreadable:
        return {}, None, CANNOT_SHOW


def _rendered(connector: Connector[Any], lead: LeadPayload) -> tuple[Preview | None, str]:
    try:
        return connector.render(lead), ""
    except DeliveryError as error:
        return None, error.sentence


def _default(
    destination: Destination,
    name: str,
    template: str,
    fields: Mapping[str, TargetField],
    mapping: Mapping[str, str],
) -> Default:
    fixed = name.partition(".")[0] in destination.connector_class.reserved_fields
    label = fields[name].label if name in fields else name
    return Default(name, label, template, fixed, replaced=name in mapping)
