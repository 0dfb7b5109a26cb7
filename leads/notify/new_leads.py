"""Mails about new leads: at most one every five minutes for each contact, with the number of leads."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, When
from django.utils import timezone

from leads.models import Contact, Lead, Notice
from leads.notify.outbox import tell
from leads.taxonomy import Action

PAUSE = timedelta(minutes=5)
COMMITTED = timedelta(seconds=10)
"""Leads are told of when they are this old: by then a lead that was received before has been committed too."""
NAMED = 20
"""How many leads a mail with personal data names."""


def look() -> None:
    """Tell each contact who asked for it of the leads that have come since the last mail."""
    until = timezone.now() - COMMITTED
    fresh = Lead.objects.live().filter(
        publisher=OuterRef("publisher"), received_at__gt=OuterRef("leads_told_until"), received_at__lte=until
    )
    for contact in _ready(until).filter(Exists(fresh)):
        _tell(contact.pk, until)


def _ready(until: datetime) -> QuerySet[Contact]:
    return Contact.objects.filter(new_leads=True, leads_told_until__lte=until - PAUSE)


@transaction.atomic
def _tell(contact_id: int, until: datetime) -> None:
    contact = _ready(until).select_related("publisher").select_for_update(of=["self"]).filter(pk=contact_id).first()
    if contact is None:  # another worker was faster
        return
    about = f"leads until {until.isoformat()}"
    tell(contact.publisher, Notice.Kind.NEW_LEADS, about, [contact], **_facts(contact, until))
    contact.leads_told_until = until
    contact.save(update_fields=["leads_told_until"])


def _facts(contact: Contact, until: datetime) -> dict[str, Any]:
    leads = Lead.objects.live().filter(
        publisher=contact.publisher_id, received_at__gt=contact.leads_told_until, received_at__lte=until
    )
    counted = list(leads.values("offer__title", "action").annotate(number=Count("pk")).order_by("-number", "action"))
    groups = [(row["number"], Action(row["action"]).label, row["offer__title"]) for row in counted]
    number = sum(row["number"] for row in counted)
    named = _named(leads) if contact.personal_data else []
    return {"number": number, "groups": groups, "named": named, "more": max(0, number - NAMED)}


def _named(leads: QuerySet[Lead]) -> list[Lead]:
    """Take the first leads of a mail, and mark those who do not want to be contacted: they are not named."""
    silent = Q(consent=False) | Q(customer__do_not_contact=True) | Q(action=Action.DO_NOT_CONTACT)
    found = leads.annotate(unnamed=Case(When(silent, then=True), default=False)).select_related("offer")
    return list(found.order_by("received_at", "id")[:NAMED])
