"""Trying a destination out: checking the connection, sending a test lead."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from leads import checking, destinations
from leads.models import Lead
from portal.access import of_request
from portal.views.deliveries import exchange
from portal.views.destinations.pages import standing


@login_required
@require_POST
def check(request: HttpRequest, pk: int) -> HttpResponse:
    access = of_request(request)
    access.must_build()
    found = get_object_or_404(access.destinations, pk=pk)
    checking.check(found)
    if "HX-Request" in request.headers:
        return render(request, "destinations/_checked.html", standing(access, found))
    return redirect(reverse("destination", args=[pk]) + "#check")


@login_required
@require_safe
@never_cache
def rungs(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far a check has come that somebody waits for."""
    access = of_request(request)
    context = standing(access, get_object_or_404(access.destinations, pk=pk))
    return render(request, "destinations/_rungs.html", context | {"climbing": True})


@login_required
@require_POST
def send_test_lead(request: HttpRequest, pk: int) -> HttpResponse:
    access = of_request(request)
    access.must_build()
    found = get_object_or_404(access.destinations, pk=pk)
    return redirect("destination-test", pk, destinations.send_test_lead(found).lead_id)


@login_required
@require_safe
@vary_on_headers("HX-Request")
def test_lead(request: HttpRequest, pk: int, lead_id: UUID) -> HttpResponse:
    access = of_request(request)
    delivery = get_object_or_404(access.deliveries, destination_id=pk, lead_id=lead_id, lead__kind=Lead.Kind.TEST)
    template = "destinations/_test.html" if "HX-Request" in request.headers else "destinations/test.html"
    return render(request, template, exchange(access, delivery))
