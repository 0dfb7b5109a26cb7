"""What comes in: who did what about which offer, and what became of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from leads.models import Offer
from leads.taxonomy import Action, Source, Stage, Storefront


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """What the customer said of themselves, as sent."""

    email: str
    first_name: str = ""
    last_name: str = ""
    phone: str = ""
    country: str = ""
    company: str = ""
    title: str = ""


PERSON = tuple(Contact.__slots__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One customer did one thing about one offer."""

    offer: Offer
    source: Source
    action: Action
    contact: Contact
    description: str = ""
    consent: bool | None = None
    """False: the lead is kept and counted, and withheld from every destination. None: the sender vouches for it."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    storefront: Storefront | None = None
    key_id: int | None = None
    """Whose idempotency key it is; None for the storefront's own forms, which share one set of keys."""
    idempotency_key: str | None = None
    received_at: datetime | None = None
    """None means now; history that is brought in names its own time."""

    def fingerprint(self) -> str:
        """Digest what was sent, to tell a repeat from another lead under the same idempotency key."""
        said = [self.offer.pk, self.source, self.action, self.storefront, person(self.contact), self.description]
        text = json.dumps([*said, self.consent, dict(self.extra)], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A test lead for one destination, in the name of an offer if there is one."""

    publisher_id: int
    destination_id: int
    contact: Contact
    offer: Offer | None
    description: str
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What became of an event. ``repeated`` when the idempotency key had been seen before."""

    lead_id: UUID
    stage: Stage | None
    deliveries: int
    repeated: bool = False
    conflict: bool = False
    """The idempotency key had been used for another lead; nothing was stored."""


def person(contact: Contact) -> dict[str, str]:
    return {name: getattr(contact, name) for name in PERSON}


def normalise_email(email: str) -> str:
    """Reduce an address to what tells two people apart: case and outer blanks do not."""
    return email.strip().lower()
