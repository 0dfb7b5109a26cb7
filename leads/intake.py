"""Where a lead comes in: lead, customer, journey and one delivery per route, in one transaction.

All of it is one statement, for one lead or a thousand. After the commit each destination gets a wake-up, and losing
it loses nothing: the sweep finds what is due.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from leads import wake
from leads.ids import uuid7
from leads.intake_sql import RECEIVE
from leads.models import Lead, Offer
from leads.statements import prepared
from leads.taxonomy import Action, Source, Stage, Storefront, meaning


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
        said = [self.offer.pk, self.source, self.action, self.storefront, _person(self.contact), self.description]
        text = json.dumps([*said, self.consent, dict(self.extra)], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What became of an event. ``repeated`` when the idempotency key had been seen before."""

    lead_id: UUID
    stage: Stage | None
    deliveries: int
    repeated: bool = False
    conflict: bool = False
    """The idempotency key had been used for another lead; nothing was stored."""


def receive(event: Event) -> Received:
    """Take one lead; answered after the commit."""
    [received] = receive_many([event])
    return received


def receive_many(events: Sequence[Event]) -> list[Received]:
    """Take many leads in one transaction; one answer per event, in order."""
    now = timezone.now()
    return _store([_row(number, event, now) for number, event in enumerate(events)])


def receive_test(
    *, publisher_id: int, destination_id: int, contact: Contact, offer: Offer | None, description: str
) -> Received:
    """Send a test lead down the very path of real ones, to one destination."""
    row = {
        "number": 0,
        "id": str(uuid7()),
        "publisher_id": publisher_id,
        "offer_id": offer.pk if offer else None,
        "destination_id": destination_id,
        "kind": Lead.Kind.TEST,
        "source": Source.AZURE_MARKETPLACE,
        "action": Action.INSTALL,
        "stage": Stage.INITIAL_INTEREST,
        "storefront": "",
        "email_key": "",
        "description": description,
        "consent": None,
        "do_not_contact": False,
        "extra": {},
        "received_at": timezone.now().isoformat(),
        "fingerprint": "",
        **_person(contact),
    }
    [received] = _store([row])
    return received


def normalise_email(email: str) -> str:
    """Reduce an address to what tells two people apart: case and outer blanks do not."""
    return email.strip().lower()


def _row(number: int, event: Event, now: datetime) -> dict[str, Any]:
    what = meaning(event.source, event.action)
    live = event.offer.status == Offer.Status.LIVE
    return {
        "number": number,
        "id": str(uuid7(event.received_at)),
        "publisher_id": event.offer.publisher_id,
        "offer_id": event.offer.pk,
        "destination_id": None,
        "kind": Lead.Kind.LIVE if live else Lead.Kind.PREVIEW,
        "source": event.source,
        "action": event.action,
        "stage": what.stage,
        "storefront": event.storefront or what.storefront or "",
        "email_key": normalise_email(event.contact.email),
        "description": event.description,
        "consent": event.consent,
        "do_not_contact": event.action is Action.DO_NOT_CONTACT,
        "extra": dict(event.extra),
        "received_at": (event.received_at or now).isoformat(),
        "key_id": event.key_id,
        "idempotency_key": event.idempotency_key,
        "fingerprint": event.fingerprint() if event.idempotency_key else "",
        **_person(event.contact),
    }


def _person(contact: Contact) -> dict[str, str]:
    return {name: getattr(contact, name) for name in PERSON}


def _store(rows: list[dict[str, Any]]) -> list[Received]:
    try:
        answers = _execute(rows)
    except IntegrityError:
        # Two requests with the same idempotency key at once: the other has committed, so now it is found.
        answers = _execute(rows)
    return list(_received(rows, answers))


def _execute(rows: list[dict[str, Any]]) -> dict[int, tuple[Any, ...]]:
    # Outside a transaction the one statement is a transaction; BEGIN and COMMIT would be two round trips for nothing.
    savepoint = transaction.atomic() if connection.in_atomic_block else nullcontext()
    with savepoint, prepared() as cursor:
        cursor.execute(RECEIVE, [json.dumps(rows)])
        answers = {answer[0]: answer for answer in cursor.fetchall()}
    woken = {destination for answer in answers.values() for destination in answer[4] or () if destination}
    transaction.on_commit(lambda: wake.send(woken))
    return answers


def _received(rows: list[dict[str, Any]], answers: Mapping[int, tuple[Any, ...]]) -> Iterable[Received]:
    for row in rows:
        _, lead_id, stage, fingerprint, _, deliveries, repeated = answers[row["number"]]
        yield Received(
            lead_id=lead_id,
            stage=None if stage is None else Stage(stage),
            deliveries=deliveries,
            repeated=repeated,
            conflict=repeated and fingerprint != row["fingerprint"],
        )
