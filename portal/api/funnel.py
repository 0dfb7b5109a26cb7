"""Figures: the funnel of an offer, the balance of the books."""

from __future__ import annotations

from typing import Annotated

from ninja import Router

from leads import balance, funnel
from portal.api.auth import FromPublisher, PublisherKey
from portal.api.openapi import answers
from portal.api.params import Asked
from portal.api.shapes.funnel import BalanceOut, BalanceQuery, FunnelOut, FunnelQuery

router = Router(tags=["figures"], auth=PublisherKey())


@router.get("funnel", summary="Count the funnel", response=answers({200: FunnelOut}, 401, 403, 404, 422))
def show_funnel(request: FromPublisher, asked: Annotated[FunnelQuery, Asked()]) -> FunnelOut:
    """Count customers and leads of one offer at each stage, over leads received in a period."""
    offer = request.auth.offer(asked.offer)
    wanted = asked.filter(offer.full_id)
    counted = funnel.funnels([offer.pk], wanted.since, wanted.until, wanted.storefront)[offer.pk]
    return FunnelOut.of(offer.full_id, counted, funnel.apart(wanted.apply(request.auth.leads)))


@router.get("balance", summary="Balance the books", response=answers({200: BalanceOut}, 401, 403, 422))
def show_balance(request: FromPublisher, asked: Annotated[BalanceQuery, Asked()]) -> BalanceOut:
    """Count your live leads by where they are; the states add up to what was received."""
    return BalanceOut.of(balance.balance(request.auth.publisher.pk, asked.since))
