"""Destinations: connected, checked, tried, changed."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from django.shortcuts import get_object_or_404
from ninja import Router, Status

from leads import backlog, canary, checking, destinations, health, landing
from leads.models import Destination
from portal import paging
from portal.access import Access
from portal.api import connecting
from portal.api.auth import FromPublisher, PublisherKey
from portal.api.openapi import answers
from portal.api.params import Asked, Sent
from portal.api.problems import Problem
from portal.api.shapes.common import Id, Paged
from portal.api.shapes.destinations import (
    CheckOut,
    ConnectedOut,
    DestinationListing,
    DestinationOut,
    SecretOut,
    TestLeadOut,
)
from portal.api.shapes.sent_destinations import DestinationChangesIn, DestinationIn

router = Router(tags=["destinations"], auth=PublisherKey())
ONE = "/{destination_id}"


@router.post(
    "", summary="Connect a destination", response=answers({201: ConnectedOut}, 400, 401, 403, 409, 413, 415, 422)
)
def create_destination(request: FromPublisher, sent: Annotated[DestinationIn, Sent()]) -> Status[ConnectedOut]:
    """Connect a destination. `signing_secret` is in this answer and never again.

    Nothing is sent there yet: check it, send it a test lead, and route offers to it.
    """
    request.auth.must_build()
    connector = connecting.connector_class(sent.connector)
    made, issued = destinations.create(
        request.auth.publisher,
        name=sent.name,
        connector=sent.connector,
        config=connecting.new_config(connector, sent.config),
        mapping=connecting.checked_mapping(connector, sent.mapping),
        secret_expires_on=sent.secret_expires_on,
    )
    return Status(201, ConnectedOut.of(made, {}, **issued))


@router.get("", summary="List destinations", response=answers({200: DestinationListing}, 401, 403, 422))
def list_destinations(request: FromPublisher, asked: Annotated[Paged, Asked()]) -> DestinationListing:
    """List your destinations, newest first, each with its state, its problem if it has one, and its counts."""
    page = paging.page(request.auth.destinations, ("id",), asked.cursor, asked.limit)
    counted, found = backlog.by_state(page.rows), landing.found(page.rows)
    shown = [DestinationOut.of(place, counted[place.pk], found[place.pk]) for place in page.rows]
    return DestinationListing(items=shown, next=page.next)


@router.get(ONE, summary="Show a destination", response=answers({200: DestinationOut}, 401, 403, 404))
def show_destination(request: FromPublisher, destination_id: Id) -> DestinationOut:
    """Show one destination; `problem` says what is wrong, `problem_fix` who mends it and where."""
    return _shown(_found(request.auth, destination_id))


@router.patch(
    ONE, summary="Change a destination", response=answers({200: DestinationOut}, 400, 401, 403, 404, 409, 413, 415, 422)
)
def change_destination(
    request: FromPublisher, destination_id: Id, sent: Annotated[DestinationChangesIn, Sent()]
) -> DestinationOut:
    """Change what is sent and keep the rest, secrets too; of `config`, only the settings that are sent.

    Good settings release the leads that wait: one first, then the rest. So does `"state": "active"` after a pause.
    """
    request.auth.must_build()
    destination = _found(request.auth, destination_id)
    given = sent.model_dump(exclude_unset=True)
    state, proving = given.pop("state", None), given.pop("canary", None)
    destinations.change(destination, **connecting.checked(destination, given))
    if proving is not None:
        canary.switch(destination, on=proving)
    if state:
        _switch(destination, state)
    return _shown(destination)


@router.delete(ONE, summary="Delete a destination", response=answers({204: None}, 401, 403, 404, 409))
def delete_destination(request: FromPublisher, destination_id: Id) -> Status[None]:
    """Delete a destination that never had a lead; 409 otherwise, because the books need it."""
    request.auth.must_build()
    destinations.remove(_found(request.auth, destination_id))
    return Status(204, None)


@router.post(f"{ONE}/check", summary="Check the connection", response=answers({200: CheckOut}, 401, 403, 404))
def check_destination(request: FromPublisher, destination_id: Id) -> CheckOut:
    """Climb the rungs of the connection check; each says what it found, and a failed one what to do."""
    request.auth.must_build()
    return CheckOut.of(checking.check(_found(request.auth, destination_id)))


@router.post(
    f"{ONE}/test-lead",
    summary="Send a test lead",
    response=answers({202: TestLeadOut}, 401, 403, 404),
    by_alias=True,
)
def send_test_lead(request: FromPublisher, destination_id: Id) -> Status[TestLeadOut]:
    """Send a test lead down the path of real ones; follow it at `/leads/{LeadId}`."""
    request.auth.must_build()
    received = destinations.send_test_lead(_found(request.auth, destination_id))
    return Status(202, TestLeadOut(lead_id=received.lead_id))


@router.post(
    f"{ONE}/rotate-secret", summary="Renew the signing secret", response=answers({200: SecretOut}, 401, 403, 404, 409)
)
def rotate_secret(request: FromPublisher, destination_id: Id) -> SecretOut:
    """Renew the signing secret and show it this once. For a day, both the old and the new one sign."""
    request.auth.must_build()
    renewed = destinations.rotate(_found(request.auth, destination_id))
    if not renewed:
        raise Problem(HTTPStatus.CONFLICT, "This kind of destination has no signing secret.")
    return SecretOut(**renewed)


def _found(access: Access, destination_id: int) -> Destination:
    return get_object_or_404(access.destinations, pk=destination_id)


def _shown(destination: Destination) -> DestinationOut:
    counted, found = backlog.by_state([destination]), landing.found([destination])
    return DestinationOut.of(destination, counted[destination.pk], found[destination.pk])


def _switch(destination: Destination, state: str) -> None:
    if state == Destination.State.PAUSED:
        health.pause(destination)
    else:
        health.probe(destination)
