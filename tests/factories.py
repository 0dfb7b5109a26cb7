"""The people and things that tests are about. Contoso is the publisher; Fabrikam is somebody else."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User

from leads import destinations, intake
from leads.intake import Contact, Event, Received
from leads.models import Destination, Member, Offer, Publisher, Route
from leads.taxonomy import Action, Source

PASSWORD = "correct horse battery"


def make_publisher(slug: str = "contoso") -> Publisher:
    return Publisher.objects.get_or_create(slug=slug, defaults={"name": slug.title()})[0]


def make_member(role: str = "owner", publisher: Publisher | None = None, username: str | None = None) -> User:
    publisher = publisher or make_publisher()
    user = User.objects.create_user(username or f"{role}-{publisher.slug}", password=PASSWORD)
    Member.objects.create(user=user, publisher=publisher, role=role)
    return user


def make_offer(
    offer_id: str = "crm",
    *,
    publisher: Publisher | None = None,
    status: str = Offer.Status.LIVE,
    routes: tuple[Destination, ...] = (),
    title: str = "Contoso CRM",
) -> Offer:
    offer = Offer.objects.create(
        publisher=publisher or make_publisher(),
        offer_id=offer_id,
        title=title,
        storefronts=["azure_marketplace", "appsource"],
        status=status,
    )
    Route.objects.bulk_create([Route(offer=offer, destination=destination) for destination in routes])
    return offer


def make_destination(
    name: str = "Sales endpoint",
    *,
    publisher: Publisher | None = None,
    connector: str = "https_endpoint",
    url: str = "https://leads.contoso.example/in",
    config: dict[str, Any] | None = None,
) -> Destination:
    destination, _ = destinations.create(
        publisher or make_publisher(),
        name=name,
        connector=connector,
        config={"url": url, "auth": "none"} | (config or {}),
    )
    return destination


def make_lead(
    offer: Offer,
    email: str = "ada@example.com",
    *,
    source: Source = Source.AZURE_MARKETPLACE,
    action: Action = Action.INSTALL,
    **given: Any,
) -> Received:
    contact = Contact(email=email, **{key: given.pop(key) for key in list(given) if key in Contact.__slots__})
    return intake.receive(Event(offer=offer, source=source, action=action, contact=contact, **given))
