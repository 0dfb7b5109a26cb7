"""What is done to a destination by the press of a button."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from leads import canary, destinations, health
from leads.destinations import InUse
from leads.models import Destination
from leads.vault import Unreadable
from portal.access import Access, of_request
from portal.views.destinations import issued


@login_required
@require_POST
def rotate(request: HttpRequest, pk: int) -> HttpResponse:
    access, found = _of_builder(request, pk)
    try:
        issued.hand_over(request, found, destinations.rotate(found, access.user))
    except Unreadable:
        messages.error(request, "The settings cannot be read, so nothing was changed. Enter them again first.")
    return redirect("destination", pk)


@login_required
@require_POST
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    _, found = _of_builder(request, pk)
    health.pause(found)
    messages.success(request, f"{found.name} is paused. Its leads wait, and none is lost.")
    return redirect("destination", pk)


@login_required
@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    _, found = _of_builder(request, pk)
    health.probe(found)
    messages.success(request, f"{found.name} tries one lead now. The others follow when it lands.")
    return redirect("destination", pk)


@login_required
@require_POST
def prove_daily(request: HttpRequest, pk: int) -> HttpResponse:
    _, found = _of_builder(request, pk)
    on = request.POST.get("on") == "yes"
    canary.switch(found, on=on)
    said = "gets a test lead every day, the first within minutes" if on else "gets no daily test lead any more"
    messages.success(request, f"{found.name} {said}.")
    return redirect("destination", pk)


@login_required
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    _, found = _of_builder(request, pk)
    try:
        destinations.remove(found)
    except InUse:
        messages.error(
            request, f"{found.name} has leads on record, which the books need, so it stays. Pause it instead."
        )
        return redirect("destination", pk)
    messages.success(request, f"{found.name} is removed.")
    return redirect("destinations")


def _of_builder(request: HttpRequest, pk: int) -> tuple[Access, Destination]:
    access = of_request(request)
    access.must_build()
    return access, get_object_or_404(access.destinations, pk=pk)
