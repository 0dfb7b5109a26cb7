"""Publishing: check every routed destination, send each a test lead down the real path, end in preview.

Each step is a row that pages show live. A worker that dies leaves the publication where it stands, and the sweep
wakes it again; every step can be taken twice without harm.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from leads import steps, wake
from leads.models import Destination, Offer, Publication, PublicationStep

State = PublicationStep.State
Kind = PublicationStep.Kind

LEASE = timedelta(seconds=60)


class WrongStatus(Exception):
    """The offer is not in the state this needs; the message is a sentence."""


@transaction.atomic
def publish(offer: Offer, by: User | None = None) -> Publication:
    """Start publishing; an offer that is live stays live while it is checked again."""
    Offer.objects.select_for_update().get(pk=offer.pk)
    running = offer.publications.filter(finished_at=None).first()
    if running:
        return running
    publication = Publication.objects.create(offer=offer, started_by=by)
    PublicationStep.objects.bulk_create(_plan(publication))
    if offer.status != Offer.Status.LIVE:
        _set_status(offer, Offer.Status.PUBLISHING)
    transaction.on_commit(lambda: wake.publish("leads.publish", publication_id=publication.pk))
    return publication


def go_live(offer: Offer) -> None:
    """Open the offer to everyone, after the publisher has signed off the preview."""
    if offer.status == Offer.Status.LIVE:
        return
    if offer.status != Offer.Status.PREVIEW:
        raise WrongStatus("Publish the offer first: it goes live from preview.")
    _set_status(offer, Offer.Status.LIVE)


@transaction.atomic
def unpublish(offer: Offer) -> None:
    """Take the offer off the storefronts. Leads that still come are kept and marked as preview."""
    offer.publications.filter(finished_at=None).update(finished_at=timezone.now())
    _set_status(offer, Offer.Status.DRAFT)


def wake_unfinished(now: datetime) -> None:
    """Wake publications that nobody is working on."""
    unfinished = Publication.objects.filter(finished_at=None).exclude(advance_after__gt=now)
    for pk in unfinished.values_list("pk", flat=True):
        wake.publish("leads.publish", publication_id=pk)


def advance(publication_id: int) -> None:
    """Take the steps that can be taken now."""
    now = timezone.now()
    mine = Publication.objects.filter(pk=publication_id, finished_at=None).exclude(advance_after__gt=now)
    if not mine.update(advance_after=now + LEASE):
        return
    publication = Publication.objects.select_related("offer").get(pk=publication_id)
    for step in publication.steps.exclude(state=State.PASSED).select_related("destination"):
        steps.take(step)
        if step.state != State.PASSED:
            break
    _conclude(publication)


def _plan(publication: Publication) -> list[PublicationStep]:
    routed = Destination.objects.filter(routes__offer=publication.offer).order_by("pk")
    parts: list[tuple[str, Destination | None]] = [
        (kind, destination) for destination in routed for kind in (Kind.CHECK, Kind.TEST_LEAD)
    ]
    parts.append((Kind.PREVIEW, None))
    return [
        PublicationStep(publication=publication, position=position, kind=kind, destination=destination)
        for position, (kind, destination) in enumerate(parts, start=1)
    ]


def _conclude(publication: Publication) -> None:
    states = set(publication.steps.values_list("state", flat=True))
    offer = publication.offer
    offer.refresh_from_db()
    over = State.FAILED in states or states == {State.PASSED}
    publishing = offer.status == Offer.Status.PUBLISHING
    if over and publishing:
        _set_status(offer, Offer.Status.DRAFT if State.FAILED in states else Offer.Status.PREVIEW)
    Publication.objects.filter(pk=publication.pk, finished_at=None).update(
        finished_at=timezone.now() if over else None, advance_after=None
    )


def _set_status(offer: Offer, status: Offer.Status) -> None:
    offer.status = status
    offer.save(update_fields=["status"])
