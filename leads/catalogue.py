"""The fields that a destination's target has, asked for once a day."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from connectors import registry, store
from connectors.base import Connector, TargetField
from connectors.errors import DeliveryError
from leads.models import Destination
from leads.vault import Unreadable

logger = logging.getLogger(__name__)

KEPT = timedelta(days=1)
FAULT_KEPT = timedelta(minutes=5)
"""How long a target that could not be asked is left alone, unless somebody asks on purpose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """What the target named when it was asked; ``problem`` says why it could not be, ``fix`` who mends that."""

    fields: tuple[TargetField, ...] = ()
    read_at: datetime
    problem: str = ""
    fix: str = ""


def has_fields(destination: Destination) -> bool:
    """Tell whether this kind of target can be asked for its fields."""
    return destination.connector_class.fields is not Connector.fields


def kept(destination: Destination) -> Catalogue | None:
    """Return what was learnt within the day, asking nobody."""
    said = store.ask(lambda redis: redis.get(_name(destination)), lambda: None)
    return _loaded(json.loads(said)) if isinstance(said, bytes) else None


def fields(destination: Destination) -> tuple[TargetField, ...]:
    """Return the target's fields as far as they were learnt within the day."""
    found = kept(destination)
    return found.fields if found else ()


def read(destination: Destination, *, afresh: bool = False) -> Catalogue:
    """Return the target's fields, asking it where that was not done today or where ``afresh`` says so."""
    found = None if afresh else kept(destination)
    return found or _keep(destination, _ask(destination))


def _ask(destination: Destination) -> Catalogue:
    now = timezone.now()
    try:
        with registry.connect(destination.connector, destination.config, destination.mapping) as connector:
            return Catalogue(fields=tuple(connector.fields()), read_at=now)
    except DeliveryError as error:
        return Catalogue(read_at=now, problem=error.sentence, fix=error.fix)
    except Unreadable:
        return Catalogue(read_at=now, problem="The stored settings cannot be read.", fix="Enter them again.")
    except Exception as error:  # noqa: BLE001 - a connector of any kind; the page works without its fields
        logger.error("The connector %s crashed with %s over its fields", destination.connector, type(error).__name__)  # noqa: TRY400
        return Catalogue(read_at=now, problem="Something went wrong on our side.", fix="Try again a little later.")


def _keep(destination: Destination, catalogue: Catalogue) -> Catalogue:
    lasts = FAULT_KEPT if catalogue.problem else KEPT
    written = json.dumps(asdict(catalogue) | {"read_at": catalogue.read_at.isoformat()})
    store.ask(lambda redis: redis.set(_name(destination), written, ex=lasts), lambda: None)
    return catalogue


def _loaded(said: Mapping[str, Any]) -> Catalogue:
    fields = tuple(TargetField(**field | {"choices": tuple(field["choices"])}) for field in said["fields"])
    return Catalogue(**{**said, "fields": fields, "read_at": datetime.fromisoformat(said["read_at"])})


def _name(destination: Destination) -> str:
    """Name the place of the fields as they are with these settings."""
    settings = hashlib.sha256(bytes(destination.sealed_config)).hexdigest()[:16]
    return f"fields:{destination.pk}:{settings}"
