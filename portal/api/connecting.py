"""Settings of a destination, judged by the connector's own form, as on the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors import mapping, registry
from connectors.base import Connector
from connectors.forms import ConnectorForm
from leads import mappings, versions
from leads.models import Destination
from portal.api.problems import Fault, Problem
from portal.api.sentences import place


def connector_class(slug: str) -> type[Connector[Any]]:
    """Find a connector by its slug; Problem names those there are."""
    known = registry.all_connectors()
    if slug not in known:
        raise Problem.at("connector", f"connector must be one of {', '.join(known)}.")
    return known[slug]


def new_config(connector: type[Connector[Any]], config: Mapping[str, Any]) -> dict[str, Any]:
    """Judge the settings of a new destination and return those to store."""
    return _judged(connector.form_class(config), config)


def changed_config(destination: Destination, config: Mapping[str, Any]) -> dict[str, Any]:
    """Judge settings of which some change, and return those to store; what is not sent stays, secrets too."""
    form_class = destination.connector_class.form_class
    kept = {name: value for name, value in shown_config(destination).items() if name in form_class.base_fields}
    return _judged(form_class({**kept, **config}, stored=versions.entered(destination)), config)


def checked(destination: Destination, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Judge what is to change about a destination and return it."""
    judged = dict(changes)
    if "config" in changes:
        judged["config"] = changed_config(destination, changes["config"])
    if "mapping" in changes:
        judged["mapping"] = _mapping(changes["mapping"], mappings.faults(destination, changes["mapping"]))
    return judged


def shown_config(destination: Destination) -> dict[str, Any]:
    """Return the settings without secrets; none where no key opens them, and the destination says so itself."""
    secrets = destination.connector_class.config_class.secret_keys()
    return {key: value for key, value in versions.entered(destination).items() if key not in secrets}


def checked_mapping(connector: type[Connector[Any]], wanted: Mapping[str, Any]) -> dict[str, str]:
    """Judge the mapping of a new destination and return it."""
    return _mapping(wanted, mapping.validate(wanted, connector.reserved_fields) or connector.mapping_faults(wanted))


def _mapping(wanted: Mapping[str, Any], faults: list[str]) -> dict[str, str]:
    if faults:
        raise Problem.invalid([Fault("mapping", sentence) for sentence in faults])
    return dict(wanted)


def _judged(form: ConnectorForm, sent: Mapping[str, Any]) -> dict[str, Any]:
    unknown = sorted(sent.keys() - form.fields.keys())
    known = ", ".join(form.fields)
    faults = [
        Fault(place(["config", name]), f"{place(['config', name])} is not a setting here; there are {known}.")
        for name in unknown
    ]
    faults += [_fault(form, name, message) for name, messages in form.errors.items() for message in map(str, messages)]
    if faults:
        raise Problem.invalid(faults)
    return form.config()


def _fault(form: ConnectorForm, name: str, message: str) -> Fault:
    field = f"config.{name}" if name in form.fields else "config"
    return Fault(field, f"{field}: {message}")
