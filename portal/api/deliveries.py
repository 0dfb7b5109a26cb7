"""Deliveries: found, looked into, sent again."""

from __future__ import annotations

from typing import Annotated

from django.shortcuts import get_object_or_404
from ninja import Router, Status

from leads import replay
from leads.failures import groups
from leads.filters import DeliveryFilter
from leads.why import what_next
from portal import paging
from portal.api.auth import FromPublisher, PublisherKey
from portal.api.openapi import answers
from portal.api.params import Asked, Sent
from portal.api.problems import Problem
from portal.api.shapes.common import Id
from portal.api.shapes.deliveries import (
    AttemptOut,
    DeliveryListing,
    DeliveryOut,
    DeliveryWithAttemptsOut,
)
from portal.api.shapes.failures import GroupListing, GroupOut
from portal.api.shapes.queries import DeliveryQuery
from portal.api.shapes.replays import ReplayIn, ReplayOut

router = Router(tags=["deliveries"], auth=PublisherKey())


@router.get("", summary="List deliveries", response=answers({200: DeliveryListing}, 401, 403, 422))
def list_deliveries(request: FromPublisher, asked: Annotated[DeliveryQuery, Asked()]) -> DeliveryListing:
    """List deliveries, newest first; `why` says where each is. `held`, `resting` and `paused` are states of waiting."""
    found = asked.filter().apply(request.auth.deliveries)
    page = paging.page(found, ("id",), asked.cursor, asked.limit)
    return DeliveryListing(items=[DeliveryOut.of(delivery) for delivery in page.rows], next=page.next)


@router.get("/groups", summary="List failure groups", response=answers({200: GroupListing}, 401, 403))
def list_groups(request: FromPublisher) -> GroupListing:
    """List what does not land by destination and cause: how much, since when, who must act, what changed before."""
    return GroupListing(items=[GroupOut.of(group) for group in groups(request.auth.publisher.pk)])


@router.post(
    "/replay",
    summary="Send again",
    response=answers({200: ReplayOut, 202: ReplayOut}, 400, 401, 403, 413, 415, 422),
)
def replay_deliveries(request: FromPublisher, sent: Annotated[ReplayIn, Sent()]) -> Status[ReplayOut]:
    """Send again what stopped or is missing, and what waits sooner; with `dry_run`, count them and do nothing.

    One delivery of each destination goes first. The others stay as they are until it has landed, and for good if it
    fails once more; `GET /replays/{id}` tells how far it is. What was delivered or withheld, or is in another replay
    that is under way, is left alone. What is missing from its target is sent again only where the filter's state or
    cause is `missing`. `may_double` counts what was sent without an answer, or was taken and is missing.
    """
    request.auth.must_follow_up()
    wanted = sent.filter.filter()
    if wanted == DeliveryFilter() and not (sent.dry_run or sent.all):
        raise Problem.at("filter", 'filter must name something, unless "all" is true.')
    chosen = wanted.to_send_again(request.auth.deliveries)
    if sent.dry_run:
        return Status(200, ReplayOut.planned(replay.plan(chosen)))
    begun = replay.start(chosen, filters=wanted.words(), by=request.auth.user)
    return Status(202, ReplayOut.begun(begun))


@router.get(
    "/{delivery_id}", summary="Show a delivery", response=answers({200: DeliveryWithAttemptsOut}, 401, 403, 404)
)
def show_delivery(request: FromPublisher, delivery_id: Id) -> DeliveryWithAttemptsOut:
    """Show one delivery with each attempt: what was tried, when, and what the target answered."""
    delivery = get_object_or_404(request.auth.deliveries, pk=delivery_id)
    attempts = [AttemptOut.of(attempt) for attempt in delivery.tries.all()]
    return DeliveryWithAttemptsOut.of(delivery, next=what_next(delivery), attempts=attempts)
