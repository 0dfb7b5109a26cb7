"""Loading the demo into an empty database."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from leads import intake, keys, offers
from leads.intake import Event
from leads.models import Destination, Member, Offer, Publication, PublicationStep, Publisher
from leads.notify import contacts
from leads.notify.contacts import Wishes
from portal.demo import connect, facts
from portal.demo.cast import CONTOSO, VENDORS, Sold, Vendor
from portal.demo.history import History
from portal.demo.outcomes import settle

PEOPLE = {"publisher": Member.Role.OWNER, "marketing": Member.Role.MARKETING}


def demo(base_url: str) -> facts.Facts:
    """Load the demo if nothing is there yet, and write down how to enter it; sign-ins given out before stay good."""
    if Publisher.objects.exists() or User.objects.exists():
        told = facts.read() | {"base_url": base_url}
        facts.write(told)
        return told
    with transaction.atomic():
        told = {"base_url": base_url} | _load(timezone.now())
        facts.write(told)
    return told


def _load(now: datetime) -> facts.Facts:
    history = History(now)
    publishers = {vendor.slug: _vendor(vendor, history, now) for vendor in VENDORS}
    contoso = publishers[CONTOSO.slug]
    people = {name: _person(name, contoso, role) for name, role in PEOPLE.items()}
    return {
        "admin": _admin(),
        **people,
        "intake_key": keys.issue("Marketplace")[1],
        "api_key": keys.issue("Demo", contoso)[1],
    }


def _vendor(vendor: Vendor, history: History, now: datetime) -> Publisher:
    publisher = Publisher.objects.create(slug=vendor.slug, name=vendor.name)
    broken = {target.name: now - timedelta(days=target.broken_for) for target in vendor.targets if target.broken_for}
    connected = {target.name: connect.role(publisher, target.name) for target in vendor.targets}
    told: list[Event] = []
    for sold in vendor.sells:
        places = [connected[name] for name in sold.targets]
        places += connect.one_of_each_kind(publisher) if sold.goes_everywhere else []
        offer = _register(publisher, sold, places, now)
        told += history.of(offer, sold.customers)
    intake.receive_many(sorted(told, key=lambda event: event.received_at or now))
    for place in publisher.destinations.order_by("pk"):
        settle(place, broken.get(place.name), now, refuses=place.name == vendor.targets[0].name)
    contacts.add(publisher, [f"operations@{vendor.slug}.example"], Wishes(problems=True, digest=True))
    contacts.add(publisher, [f"sales@{vendor.slug}.example"], Wishes(new_leads=True))
    return publisher


def _register(publisher: Publisher, sold: Sold, targets: list[Destination], now: datetime) -> Offer:
    offer = offers.register(
        publisher,
        offer_id=sold.offer_id,
        title=sold.title,
        summary=sold.summary,
        storefronts=[storefront.value for storefront in sold.storefronts],
        destinations=targets,
    )
    if sold.status != Offer.Status.DRAFT:
        _publish(offer, sold.status, targets, now - timedelta(days=61))
    return offer


def _publish(offer: Offer, status: Offer.Status, targets: list[Destination], at: datetime) -> None:
    """Tell that the offer was published some time ago, with every step passed."""
    publication = Publication.objects.create(offer=offer, finished_at=at + timedelta(seconds=9))
    Publication.objects.filter(pk=publication.pk).update(started_at=at)
    parts: list[tuple[str, Destination | None, str]] = [
        (kind, target, sentence) for target in targets for kind, sentence in PASSED.items()
    ]
    parts.append((PublicationStep.Kind.PREVIEW, None, "The offer is ready."))
    for position, (kind, target, sentence) in enumerate(parts, start=1):
        begun = at + timedelta(seconds=position)
        PublicationStep.objects.create(
            publication=publication,
            position=position,
            kind=kind,
            destination=target,
            state=PublicationStep.State.PASSED,
            sentence=sentence,
            started_at=begun,
            finished_at=begun + timedelta(seconds=1),
        )
    Offer.objects.filter(pk=offer.pk).update(status=status)
    offer.status = status


PASSED = {
    PublicationStep.Kind.CHECK: "All checks passed.",
    PublicationStep.Kind.TEST_LEAD: "The test lead arrived.",
}


def _person(name: str, publisher: Publisher, role: Member.Role) -> dict[str, str]:
    password = secrets.token_urlsafe(12)
    user = User.objects.create_user(name, password=password)
    Member.objects.create(user=user, publisher=publisher, role=role)
    return {"username": name, "password": password}


def _admin() -> dict[str, Any]:
    password = secrets.token_urlsafe(12)
    User.objects.create_superuser("admin", password=password)
    return {"username": "admin", "password": password}
