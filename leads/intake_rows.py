"""Leads as the rows that :data:`leads.intake_sql.RECEIVE` takes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from leads.events import Event, Trial, normalise_email, person
from leads.ids import uuid7
from leads.taxonomy import Action, Source, Stage, meaning

Row = dict[str, Any]


def event_row(event: Event, now: datetime) -> Row:
    what = meaning(event.source, event.action)
    return {
        "id": str(uuid7(event.received_at)),
        "publisher_id": event.offer.publisher_id,
        "offer_id": event.offer.pk,
        "destination_id": None,
        "test": False,
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
        **person(event.contact),
    }


def trial_row(trial: Trial, now: datetime) -> Row:
    return {
        "id": str(uuid7()),
        "publisher_id": trial.publisher_id,
        "offer_id": trial.offer.pk if trial.offer else None,
        "destination_id": trial.destination_id,
        "test": True,
        "source": Source.AZURE_MARKETPLACE,
        "action": Action.INSTALL,
        "stage": Stage.INITIAL_INTEREST,
        "storefront": "",
        "email_key": "",
        "description": trial.description,
        "consent": None,
        "do_not_contact": False,
        "extra": {},
        "received_at": now.isoformat(),
        "idempotency_key": trial.idempotency_key,
        "fingerprint": "",
        **person(trial.contact),
    }
