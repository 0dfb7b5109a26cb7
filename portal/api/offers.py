"""Offers: registered, changed, published."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from django.http import Http404
from ninja import Router, Status

from leads import offers, publishing
from leads.models import Destination
from portal import paging
from portal.access import Access
from portal.api.auth import FromPublisher, PublisherKey
from portal.api.openapi import answers
from portal.api.params import Asked, Sent
from portal.api.problems import Problem
from portal.api.shapes.common import FullId, Paged
from portal.api.shapes.offers import OfferChangesIn, OfferIn, OfferListing, OfferOut, PublicationOut

router = Router(tags=["offers"], auth=PublisherKey())


@router.post("", summary="Register an offer", response=answers({201: OfferOut}, 400, 401, 403, 409, 413, 415, 422))
def register_offer(request: FromPublisher, sent: Annotated[OfferIn, Sent()]) -> Status[OfferOut]:
    """Register an offer as a draft. Publish it to check its destinations and bring it into preview."""
    request.auth.must_build()
    offer = offers.register(request.auth.publisher, **_arguments(sent, request.auth))
    return Status(201, OfferOut.of(offer))


@router.get("", summary="List offers", response=answers({200: OfferListing}, 401, 403, 422))
def list_offers(request: FromPublisher, asked: Annotated[Paged, Asked()]) -> OfferListing:
    """List your offers, newest first."""
    page = paging.page(request.auth.offers.prefetch_related("routes"), ("id",), asked.cursor, asked.limit)
    return OfferListing(items=[OfferOut.of(offer) for offer in page.rows], next=page.next)


@router.get("/{full_id}", summary="Show an offer", response=answers({200: OfferOut}, 401, 403, 404))
def show_offer(request: FromPublisher, full_id: FullId) -> OfferOut:
    """Show one offer."""
    return OfferOut.of(request.auth.offer(full_id))


@router.patch(
    "/{full_id}", summary="Change an offer", response=answers({200: OfferOut}, 400, 401, 403, 404, 413, 415, 422)
)
def change_offer(request: FromPublisher, full_id: FullId, sent: Annotated[OfferChangesIn, Sent()]) -> OfferOut:
    """Change what is sent and keep the rest. A new route takes leads from now on; with none, leads are kept here."""
    request.auth.must_build()
    offer = request.auth.offer(full_id)
    return OfferOut.of(offers.change(offer, **_arguments(sent, request.auth)))


@router.post("/{full_id}/publish", summary="Publish an offer", response=answers({202: PublicationOut}, 401, 403, 404))
def publish_offer(request: FromPublisher, full_id: FullId) -> Status[PublicationOut]:
    """Check every destination and send each a test lead, down the path of real ones; the offer ends in preview.

    The work goes on after the answer: follow it at `/offers/{full_id}/publication`. While it runs, publishing again
    answers the same publication. An offer that is live stays live.
    """
    request.auth.must_build()
    return Status(202, PublicationOut.of(publishing.publish(request.auth.offer(full_id))))


@router.get(
    "/{full_id}/publication", summary="Follow a publication", response=answers({200: PublicationOut}, 401, 403, 404)
)
def show_publication(request: FromPublisher, full_id: FullId) -> PublicationOut:
    """Show the steps of the latest publication; a failed one says what is wrong and what to do."""
    latest = request.auth.offer(full_id).publications.select_related("offer").order_by("-pk").first()
    if latest is None:
        raise Http404
    return PublicationOut.of(latest)


@router.post(
    "/{full_id}/go-live", summary="Let an offer go live", response=answers({200: OfferOut}, 401, 403, 404, 409)
)
def go_live(request: FromPublisher, full_id: FullId) -> OfferOut:
    """Sign off the preview: from now on, leads of this offer are customers'. 409 before the offer is in preview."""
    request.auth.must_build()
    offer = request.auth.offer(full_id)
    publishing.go_live(offer)
    return OfferOut.of(offer)


@router.post("/{full_id}/unpublish", summary="Unpublish an offer", response=answers({200: OfferOut}, 401, 403, 404))
def unpublish(request: FromPublisher, full_id: FullId) -> OfferOut:
    """Take an offer off the storefronts. Leads that still come are kept and marked as preview."""
    request.auth.must_build()
    offer = request.auth.offer(full_id)
    publishing.unpublish(offer)
    return OfferOut.of(offer)


def _arguments(sent: OfferIn | OfferChangesIn, access: Access) -> dict[str, Any]:
    given = sent.model_dump(exclude_unset=True)
    if "storefronts" in given:
        given["storefronts"] = list(dict.fromkeys(given["storefronts"]))
    if "destinations" in given:
        given["destinations"] = _destinations(given["destinations"], access)
    return given


def _destinations(ids: Sequence[int], access: Access) -> list[Destination]:
    found = access.destinations.in_bulk(ids)
    for position, pk in enumerate(ids):
        if pk not in found:
            field = f"destinations[{position}]"
            raise Problem.at(field, f"{field} must be the id of a destination of yours.")
    return list(found.values())
