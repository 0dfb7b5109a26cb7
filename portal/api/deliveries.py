"""Deliveries: found, looked into, sent again."""

from __future__ import annotations

from typing import Annotated

from django.shortcuts import get_object_or_404
from ninja import Router

from leads import replay
from leads.filters import DeliveryFilter
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
    ReplayIn,
    ReplayOut,
)
from portal.api.shapes.queries import DeliveryQuery

router = Router(tags=["deliveries"], auth=PublisherKey())


@router.get("", summary="List deliveries", response=answers({200: DeliveryListing}, 401, 403, 422))
def list_deliveries(request: FromPublisher, asked: Annotated[DeliveryQuery, Asked()]) -> DeliveryListing:
    """List deliveries, newest first; `why` says where each is. `held`, `resting` and `paused` are states of waiting."""
    found = asked.filter().apply(request.auth.deliveries)
    page = paging.page(found, ("id",), asked.cursor, asked.limit)
    return DeliveryListing(items=[DeliveryOut.of(delivery) for delivery in page.rows], next=page.next)


@router.post("/replay", summary="Send again", response=answers({200: ReplayOut}, 400, 401, 403, 413, 415, 422))
def replay_deliveries(request: FromPublisher, sent: Annotated[ReplayIn, Sent()]) -> ReplayOut:
    """Put stopped deliveries back in line, and waiting ones at its head; with `dry_run`, count them and do nothing.

    What was delivered or withheld is left alone. `may_double` counts those that had been sent without an answer.
    """
    request.auth.must_follow_up()
    wanted = sent.filter.filter()
    if wanted == DeliveryFilter() and not (sent.dry_run or sent.all):
        raise Problem.at("filter", 'filter must name something, unless "all" is true.')
    act = replay.count if sent.dry_run else replay.replay
    return ReplayOut.of(act(wanted.apply(request.auth.deliveries)), dry_run=sent.dry_run)


@router.get(
    "/{delivery_id}", summary="Show a delivery", response=answers({200: DeliveryWithAttemptsOut}, 401, 403, 404)
)
def show_delivery(request: FromPublisher, delivery_id: Id) -> DeliveryWithAttemptsOut:
    """Show one delivery with each attempt: what was tried, when, and what the target answered."""
    delivery = get_object_or_404(request.auth.deliveries, pk=delivery_id)
    return DeliveryWithAttemptsOut.of(delivery, attempts=[AttemptOut.of(attempt) for attempt in delivery.tries.all()])
