"""Figures: the funnel of an offer, the balance of the books."""

from __future__ import annotations

from typing import Annotated

from ninja import Router

from leads import audit, balance, funnel
from leads.funnel import Market
from leads.models import Lead
from portal.api.auth import FromPublisher, PublisherKey
from portal.api.openapi import answers
from portal.api.params import Asked
from portal.api.shapes.balance import BalanceOut, BalanceQuery
from portal.api.shapes.funnel import FunnelOut, FunnelQuery

router = Router(tags=["figures"], auth=PublisherKey())


@router.get("funnel", summary="Count the funnel", response=answers({200: FunnelOut}, 401, 403, 404, 422))
def show_funnel(request: FromPublisher, asked: Annotated[FunnelQuery, Asked()]) -> FunnelOut:
    """Count customers and leads of one offer at each stage, over leads received in a period."""
    offer = request.auth.offer(asked.offer)
    wanted = asked.filter(offer.full_id)
    market = Market(storefront=wanted.storefront, country=wanted.country)
    counted = funnel.funnels([offer.pk], wanted.since, wanted.until, market)[offer.pk]
    return FunnelOut.of(offer.full_id, counted, funnel.apart(wanted.apply(request.auth.leads)))


@router.get("balance", summary="Balance the books", response=answers({200: BalanceOut}, 401, 403, 404, 422))
def show_balance(request: FromPublisher, asked: Annotated[BalanceQuery, Asked()]) -> BalanceOut:
    """Count live leads by where they are; the states add up to what was received.

    Of all time these are totals only. With `since` there is a line for each offer and day, and what cannot be is named.
    """
    access = request.auth
    leads = asked.filter(access.offer(asked.offer).full_id if asked.offer else "").apply(access.leads)
    if asked.since is None:
        return BalanceOut.of(balance.total(leads.filter(kind=Lead.Kind.LIVE)))
    return BalanceOut.drawn_up(audit.books(leads, access.publisher.slug), access.offers)
