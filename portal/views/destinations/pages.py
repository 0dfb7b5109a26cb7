"""The list, the choice of a connector, and the page of one destination."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from connectors import registry
from leads import backlog, landing
from leads.models import Delivery, Destination
from portal.access import Access, of_request
from portal.views.destinations import issued, shown
from portal.views.destinations.proof import Proof
from portal.views.lists import turn


@login_required
@require_safe
def destinations(request: HttpRequest) -> HttpResponse:
    access = of_request(request)
    page = turn(request, access.destinations.prefetch_related("offers__publisher"), ["created_at", "id"])
    waiting = backlog.waiting(access.deliveries)
    found = landing.found(page.rows)
    rows = [(place, waiting.get(place.pk, 0), Proof(place, found[place.pk])) for place in page.rows]
    return render(request, "destinations/destinations.html", {"access": access, "page": page, "rows": rows})


@login_required
@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    of_request(request).must_build()
    return render(request, "destinations/choose.html", {"connectors": registry.all_connectors().values()})


@login_required
@require_safe
@never_cache
def destination(request: HttpRequest, pk: int) -> HttpResponse:
    access = of_request(request)
    found = get_object_or_404(access.destinations.prefetch_related("offers__publisher"), pk=pk)
    context = standing(access, found) | {
        "issued": issued.take(request, found),
        "facts": shown.facts(found),
        "versions": shown.history(found),
        "in_use": found.deliveries.exists(),
    }
    return render(request, "destinations/destination.html", context)


def standing(access: Access, destination: Destination) -> dict[str, Any]:
    """Gather what the standing of a destination and its last check are told from."""
    connector = destination.connector_class
    unreached = [{"name": name, "passed": None} for name in destination.rungs]
    rungs = destination.last_check or unreached
    return {
        "access": access,
        "destination": destination,
        "connector": connector,
        "rungs": rungs,
        "failed": next((rung for rung in rungs if rung["passed"] is False), None),
        "waiting": backlog.waiting(access.deliveries.filter(destination=destination)).get(destination.pk, 0),
        "proof": Proof(destination, landing.found([destination])[destination.pk]),
        "landed": destination.deliveries.filter(state=Delivery.State.DELIVERED).exists(),
        "issues": bool(connector.issue()),
        "overlap": connector.overlap // timedelta(hours=1),
    }
