"""What contacts are told, as it would leave by mail."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import resolve

from leads.models import Contact, Notice, Publisher
from leads.notify import contacts
from leads.notify.contacts import Wishes
from tests.factories import make_publisher

ADA, GRACE = "ada@contoso.example", "grace@contoso.example"


def want(email: str = ADA, *, publisher: Publisher | None = None, **wishes: Any) -> Contact:
    """Have somebody told of problems, or of what is named."""
    publisher = publisher or make_publisher()
    contacts.add(publisher, [email], Wishes(**wishes or {"problems": True}))
    return Contact.objects.get(publisher=publisher, email=email)


def make_notice(email: str = ADA, slug: str = "contoso") -> Notice:
    """Have a mail wait for somebody."""
    contacts.test(want(email, publisher=make_publisher(slug)))
    return last(email)


def subjects(recipient: str = ADA) -> list[str]:
    """List what somebody has been told, oldest first."""
    return list(Notice.objects.filter(recipient=recipient).order_by("pk").values_list("subject", flat=True))


def last(recipient: str = ADA) -> Notice:
    return Notice.objects.filter(recipient=recipient).latest("pk")


def links(notice: Notice) -> list[str]:
    """List the addresses of pages in a mail; each must be one of the site's."""
    found = [word.removeprefix(settings.BASE_URL) for word in notice.body.split() if word.startswith(settings.BASE_URL)]
    for address in found:
        resolve(address.partition("?")[0])
    return found
