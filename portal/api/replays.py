"""Replays: how far they are, and an end to one."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from django.shortcuts import get_object_or_404
from ninja import Router

from leads import replay
from portal import paging
from portal.api.auth import FromPublisher, PublisherKey
from portal.api.openapi import answers
from portal.api.params import Asked
from portal.api.problems import Problem
from portal.api.shapes.common import Id, Paged
from portal.api.shapes.replays import ReplayListing, ReplayProgressOut

router = Router(tags=["deliveries"], auth=PublisherKey())


@router.get("", summary="List replays", response=answers({200: ReplayListing}, 401, 403, 422))
def list_replays(request: FromPublisher, asked: Annotated[Paged, Asked()]) -> ReplayListing:
    """List what was sent again, newest first."""
    page = paging.page(request.auth.replays, ("id",), asked.cursor, asked.limit)
    return ReplayListing(items=[ReplayProgressOut.of(found) for found in page.rows], next=page.next)


@router.get("/{replay_id}", summary="Show a replay", response=answers({200: ReplayProgressOut}, 401, 403, 404))
def show_replay(request: FromPublisher, replay_id: Id) -> ReplayProgressOut:
    """Show how far a replay has come.

    Its state is `choosing` until all that was chosen is marked, and `canary` while one of each destination is tried.
    """
    return ReplayProgressOut.of(get_object_or_404(request.auth.replays, pk=replay_id))


@router.post(
    "/{replay_id}/stop", summary="Stop a replay", response=answers({200: ReplayProgressOut}, 401, 403, 404, 409)
)
def stop_replay(request: FromPublisher, replay_id: Id) -> ReplayProgressOut:
    """Leave what is not in line yet as it was. What is in line is sent all the same."""
    request.auth.must_follow_up()
    found = get_object_or_404(request.auth.replays, pk=replay_id)
    if not replay.stop(found, request.auth.user):
        raise Problem(HTTPStatus.CONFLICT, "The replay has ended already.")
    return ReplayProgressOut.of(get_object_or_404(request.auth.replays, pk=replay_id))
