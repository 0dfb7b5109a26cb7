"""The daily digest: yesterday's numbers, and what needs somebody. Days are those of UTC."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.utils import timezone

from leads import balance
from leads.funnel import Funnel, funnels
from leads.models import Contact, Lead, Notice, Offer, Publisher
from leads.needs import needs
from leads.notify.outbox import tell

HOUR = time(6)
"""When the digest of the day before goes out."""


class Sold(NamedTuple):
    """An offer, and its funnel of the day."""

    offer: Offer
    funnel: Funnel


def look() -> None:
    """Write the digest of yesterday to each contact who wants it and has not got it."""
    now = timezone.now()
    if now.time() < HOUR:
        return
    yesterday = now.date() - timedelta(days=1)
    readers = Contact.objects.filter(digest=True).select_related("publisher").order_by("publisher", "pk")
    told = set(Notice.objects.filter(about__startswith=_about(yesterday)).values_list("about", flat=True))
    waiting: dict[Publisher, list[Contact]] = {}
    for reader in readers:
        if f"{_about(yesterday)} to {reader.pk}" not in told:
            waiting.setdefault(reader.publisher, []).append(reader)
    for publisher, contacts in waiting.items():
        _tell(publisher, contacts, yesterday)


def _about(day: date) -> str:
    return f"digest {day}"


def _tell(publisher: Publisher, contacts: list[Contact], day: date) -> None:
    start = timezone.make_aware(datetime.combine(day, time()))
    end = start + timedelta(days=1)
    books = balance.total(Lead.objects.filter(publisher=publisher).live().received_between(start, end))
    sold = _sold(publisher, start, end)
    facts: dict[str, Any] = {"day": day, "books": books, "sold": sold, "needs": needs(publisher.pk)}
    tell(publisher, Notice.Kind.DIGEST, _about(day), contacts, **facts)


def _sold(publisher: Publisher, start: datetime, end: datetime) -> list[Sold]:
    """List the offers that had leads, the most of them first."""
    offers = Offer.objects.filter(publisher=publisher).select_related("publisher").in_bulk()
    counted = funnels(list(offers), start, end)
    sold = [Sold(offers[pk], funnel) for pk, funnel in counted.items() if funnel.leads]
    return sorted(sold, key=lambda each: (-each.funnel.leads, each.offer.title))
