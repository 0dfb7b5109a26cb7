"""Leads: sent by the marketplace, read by their publisher."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Header, Router
from pydantic_core import to_json

from leads import intake, known
from leads.intake import Received
from leads.models import Delivery, Lead
from leads.timeline import with_story
from portal import paging
from portal.api import batches, events
from portal.api.auth import FromIntake, FromPublisher, IntakeKey, PublisherKey, intake_key
from portal.api.bodies import JSON, NDJSON
from portal.api.openapi import answers, lines
from portal.api.params import Asked, Sent
from portal.api.problems import Problem
from portal.api.shapes.accepted import AcceptedOut, LineOut
from portal.api.shapes.leads import LeadListing, LeadOut, LeadWithStoryOut
from portal.api.shapes.queries import LeadQuery
from portal.api.shapes.sent_leads import IdempotencyKey, LeadIn

router = Router(tags=["leads"], by_alias=True)


@router.post(
    "",
    auth=IntakeKey(),
    summary="Send a lead",
    response=answers({202: AcceptedOut}, 400, 401, 403, 411, 413, 415, 422),
)
def send_lead(
    request: FromIntake,
    lead: Annotated[LeadIn, Sent()],
    idempotency_key: Annotated[IdempotencyKey | None, Header(alias="Idempotency-Key")] = None,
) -> HttpResponse:
    """Take one lead. The answer comes after it is stored for good.

    Send an `Idempotency-Key` so that you can repeat a request whose answer you missed: the answer is then the same,
    with the header `Idempotent-Replayed: true`, and nothing is stored twice. The same key with another lead is refused.
    A lead for an offer that is not live is taken all the same, and marked as preview.
    """
    act = events.read_act(lead)

    def take() -> Received:
        offers = known.offers([events.normalised(act.full_id)])
        return intake.receive(events.event(lead, act, offers, intake_key(request), idempotency_key))

    received = known.surely(take)
    if received.conflict:
        raise Problem.at("Idempotency-Key", "Idempotency-Key must not be one that was used for another lead.")
    return _accepted(received)


@router.post(
    "/batch",
    auth=IntakeKey(),
    summary="Send up to 1,000 leads",
    response=answers({200: LineOut}, 400, 401, 403, 411, 413, 415),
    openapi_extra=lines(),
)
def send_batch(request: FromIntake) -> HttpResponse:
    """Take many leads, one JSON object a line (`application/x-ndjson`), at most 1,000 lines and 4 MB.

    Each line is a lead as in `POST /leads`, at most 64 kB, and may carry an `IdempotencyKey`. The answer has one line
    for each, in order, with the status it would have had alone. Good lines are kept, whatever the others are.
    """
    return HttpResponse(batches.take(request), content_type=NDJSON)


@router.get("", auth=PublisherKey(), summary="List leads", response=answers({200: LeadListing}, 401, 403, 422))
def list_leads(request: FromPublisher, asked: Annotated[LeadQuery, Asked()]) -> LeadListing:
    """List leads of your offers, newest first: those of customers, previews and tests, which `Kind` tells apart."""
    found = asked.filter().apply(_with_deliveries(request.auth.leads))
    page = paging.page(found, ("received_at", "id"), asked.cursor, asked.limit)
    return LeadListing(items=[LeadOut.of(lead) for lead in page.rows], next=page.next)


@router.get(
    "/{lead_id}", auth=PublisherKey(), summary="Show a lead", response=answers({200: LeadWithStoryOut}, 401, 403, 404)
)
def show_lead(request: FromPublisher, lead_id: UUID) -> LeadWithStoryOut:
    """Show a lead and where it is: one delivery for each destination, with a sentence that says why.

    `Timeline` tells what happened, with what the target answered to each try, and what is to come.
    """
    return LeadWithStoryOut.telling(get_object_or_404(with_story(request.auth.leads), pk=lead_id))


def _accepted(received: Received) -> HttpResponse:
    return HttpResponse(
        to_json(AcceptedOut.of(received).model_dump(by_alias=True)),
        status=HTTPStatus.ACCEPTED,
        content_type=JSON,
        headers={"Idempotent-Replayed": "true"} if received.repeated else None,
    )


def _with_deliveries(leads: QuerySet[Lead]) -> QuerySet[Lead]:
    deliveries = Delivery.objects.select_related("destination").order_by("pk")
    return leads.select_related("customer").prefetch_related(Prefetch("deliveries", deliveries))
