"""What is done to destinations: connect, change, test, remove."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date
from types import EllipsisType
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from connectors import registry
from leads import health, intake, turns, versions
from leads.intake import Contact, Received, Trial
from leads.models import Destination, DestinationVersion, Publisher


class InUse(Exception):
    """The destination has deliveries on record, which the books need."""


@transaction.atomic
def create(
    publisher: Publisher,
    *,
    name: str,
    connector: str,
    config: Mapping[str, Any],
    mapping: Mapping[str, str] | None = None,
    secret_expires_on: date | None = None,
    by: User | None = None,
) -> tuple[Destination, dict[str, Any]]:
    """Connect a destination; return it with what the portal issued for it, which is shown once."""
    issued = registry.get(connector).issue()
    destination = Destination(publisher=publisher, name=name, connector=connector, mapping=dict(mapping or {}))
    destination.config = dict(config) | issued
    destination.secret_expires_on = destination.known_secret_end or secret_expires_on
    destination.save()
    versions.keep(destination, {}, by)
    return destination, issued


@transaction.atomic
def change(
    destination: Destination,
    *,
    name: str | None = None,
    config: Mapping[str, Any] | None = None,
    mapping: Mapping[str, str] | None = None,
    secret_expires_on: date | EllipsisType | None = ...,
    by: User | None = None,
) -> Destination:
    """Save new settings as a version. A destination that was held or resting tries one lead at once.

    What the portal issued and ``config`` lacks, as after settings that could not be read, is issued anew. Where the
    settings say themselves when their secret ends, ``secret_expires_on`` does not count.
    """
    Destination.objects.select_for_update().get(pk=destination.pk)
    before = versions.settings(destination)
    said = None if destination.known_secret_end else destination.secret_expires_on
    destination.name = destination.name if name is None else name
    if config is not None:
        destination.config = destination.connector_class.issue() | dict(config)
    destination.mapping = destination.mapping if mapping is None else dict(mapping)
    said = said if isinstance(secret_expires_on, EllipsisType) else secret_expires_on
    destination.secret_expires_on = destination.known_secret_end or said
    destination.save(update_fields=["name", "sealed_config", "mapping", "secret_expires_on"])
    if before != versions.settings(destination):
        versions.keep(destination, before, by)
        turns.revoke(destination.pk)
        if destination.state != Destination.State.PAUSED:
            health.probe(destination)
    return destination


def revert(destination: Destination, version: DestinationVersion, by: User | None = None) -> Destination:
    """Return to the settings of a version. What the portal issued stays: an old signing secret may have leaked."""
    return change(destination, config=versions.restored(destination, version), mapping=version.mapping, by=by)


def rotate(destination: Destination, by: User | None = None) -> dict[str, Any]:
    """Renew what the portal issued, the old staying good for an overlap; return the new, to be shown once."""
    renewed = destination.connector_class.rotate(destination.config, timezone.now())
    change(destination, config=destination.config | renewed, by=by)
    issued = destination.connector_class.issue()
    return {key: value for key, value in renewed.items() if key in issued}


def send_test_lead(destination: Destination, key: str | None = None) -> Received:
    """Send a test lead down the path of real ones, in the name of an offer that is routed here; one for each key."""
    mark = f"MSFT_TEST_{secrets.randbelow(9 * 10**17) + 10**17}"
    offer = destination.offers.select_related("publisher").order_by("pk").first()
    names = dict.fromkeys(("first_name", "last_name", "company", "title"), mark)
    contact = Contact(email=f"{mark}@test.com", phone="1234567890", country="US", **names)
    trial = Trial(
        publisher_id=destination.publisher_id,
        destination_id=destination.pk,
        contact=contact,
        offer=offer,
        description=mark,
        idempotency_key=key,
    )
    return intake.receive_test(trial)


@transaction.atomic
def remove(destination: Destination) -> None:
    """Delete a destination that never had a lead; InUse otherwise."""
    if destination.deliveries.exists():
        raise InUse
    destination.routes.all().delete()
    destination.delete()
