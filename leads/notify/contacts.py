"""Whom a publisher wants to be told, and of what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from leads.models import Contact, Notice, Publisher, Trouble
from leads.notify import outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What somebody wants to be told of. ``personal_data`` says whether new leads are told of by name."""

    problems: bool = False
    digest: bool = False
    new_leads: bool = False
    personal_data: bool = False


def add(publisher: Publisher, emails: Iterable[str], wishes: Wishes) -> None:
    """Tell these addresses from now on; those that are told already stay as they are."""
    since = timezone.now() if wishes.new_leads else None
    fresh = [Contact(publisher=publisher, email=email, leads_told_until=since, **asdict(wishes)) for email in emails]
    Contact.objects.bulk_create(fresh, ignore_conflicts=True)


def change(contact: Contact, wishes: Wishes) -> None:
    """Tell somebody of other things from now on; who asks for new leads is told of those that come after."""
    since = (contact.leads_told_until or timezone.now()) if wishes.new_leads else None
    Contact.objects.filter(pk=contact.pk).update(leads_told_until=since, **asdict(wishes))


@transaction.atomic
def remove(contact: Contact) -> None:
    """Tell somebody nothing any more, not even what is on its way."""
    Notice.objects.unended().filter(publisher=contact.publisher_id, recipient=contact.email).delete()
    contact.delete()


def test(contact: Contact) -> None:
    """Send a mail that says only that mail arrives; at most one a minute."""
    about = f"test {timezone.now():%Y-%m-%d %H:%M}"
    outbox.tell(contact.publisher, Notice.Kind.TEST, about, [contact])


def of_problems(publisher: Publisher) -> QuerySet[Contact]:
    """Name whom to tell what is wrong."""
    return publisher.contacts.filter(problems=True)


def of(trouble: Trouble) -> QuerySet[Contact]:
    """Name who was told of a trouble and is to be told of its end."""
    return of_problems(trouble.publisher).filter(email__in=trouble.notices.values("recipient"))
