"""Settings of destinations as they were saved, one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import AbstractBaseUser

from leads import vault
from leads.models import Destination, DestinationVersion


def settings(destination: Destination) -> dict[str, Any]:
    """Return the settings with the mapping; the mapping alone where no key opens them."""
    try:
        config = destination.config
    except vault.Unreadable:
        config = {}
    return config | {"mapping": destination.mapping}


def entered(destination: Destination) -> dict[str, Any]:
    """Return the settings without the mapping, secrets included: for a form that keeps them to itself."""
    return {key: value for key, value in settings(destination).items() if key != "mapping"}


def keep(destination: Destination, before: Mapping[str, Any], by: AbstractBaseUser | None) -> None:
    """Write the present settings down as the next version."""
    last = destination.versions.values_list("number", flat=True).first() or 0
    DestinationVersion.objects.create(
        destination=destination,
        number=last + 1,
        sealed_config=destination.sealed_config,
        mapping=destination.mapping,
        changes=_changes(destination, before),
        saved_by_id=by.pk if by else None,
    )


def restored(destination: Destination, version: DestinationVersion) -> dict[str, Any]:
    """Return what was entered in a version, with what the portal has issued since."""
    fields = destination.connector_class.form_class.base_fields
    then = vault.open_sealed(version.sealed_config)
    issued = {key: value for key, value in entered(destination).items() if key not in fields}
    return {key: value for key, value in then.items() if key in fields} | issued


def _changes(destination: Destination, before: Mapping[str, Any]) -> dict[str, Any]:
    secret_keys = destination.connector_class.config_class.secret_keys()
    after = settings(destination)
    changed = [key for key in sorted(after.keys() | before.keys()) if before.get(key) != after.get(key)]
    return {key: "changed" if key in secret_keys else [before.get(key), after.get(key)] for key in changed}
