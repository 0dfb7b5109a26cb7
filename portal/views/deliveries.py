"""Pages: deliveries."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from connectors.base import Preview
from leads import destinations, replay
from leads.models import Delivery, Destination
from leads.needs import needs
from leads.vault import Unreadable
from leads.why import standing
from portal.access import Access, of_request
from portal.forms.filters import DeliveryFilterForm
from portal.views.lists import turn

MOVING = {Delivery.State.WAITING, Delivery.State.SENDING, Destination.State.RESTING}
"""Where a delivery stands that goes on by itself."""


@login_required
@require_safe
def deliveries(request: HttpRequest) -> HttpResponse:
    access = of_request(request)
    form = DeliveryFilterForm(request.GET, access.offers, access.destinations)
    context = {
        "access": access,
        "form": form,
        "page": turn(request, form.filter().apply(access.deliveries), ["id"]),
        "needs": [] if form.given else needs(access.publisher.pk),
    }
    return render(request, "deliveries/deliveries.html", context)


@login_required
@require_safe
def delivery(request: HttpRequest, pk: int) -> HttpResponse:
    access = of_request(request)
    found = get_object_or_404(access.deliveries, pk=pk)
    return render(request, "deliveries/delivery.html", exchange(access, found))


@login_required
@require_POST
def replay_one(request: HttpRequest, pk: int) -> HttpResponse:
    access = of_request(request)
    access.must_follow_up()
    found = get_object_or_404(access.deliveries, pk=pk)
    if replay.replay(access.deliveries.filter(pk=pk)).count:
        messages.success(request, f"In line for {found.destination.name} again.")
    else:
        messages.warning(request, f"It is {found.get_state_display().lower()}, so there is nothing to send again.")
    return redirect("delivery", pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def replay_all(request: HttpRequest) -> HttpResponse:
    access = of_request(request)
    access.must_follow_up()
    form = DeliveryFilterForm(request.GET, access.offers, access.destinations)
    chosen = form.filter().apply(access.deliveries)
    if form.faults() or request.method != "POST":
        context = {"form": form, "replay": replay.count(chosen)}
        return render(request, "deliveries/replay.html", context, status=400 if form.faults() else 200)
    done = replay.replay(chosen)
    messages.success(request, f"{done.count:,} {'delivery is' if done.count == 1 else 'deliveries are'} in line again.")
    return redirect(f"{reverse('deliveries')}?{form.query()}")


def exchange(access: Access, delivery: Delivery) -> dict[str, Any]:
    """Gather what was sent and what was answered."""
    return {
        "access": access,
        "delivery": delivery,
        "attempts": list(delivery.tries.order_by("-number")),
        "sent": _sent(delivery),
        "pending": standing(delivery) in MOVING,
        "replayable": delivery.state in replay.REPLAYABLE,
    }


def _sent(delivery: Delivery) -> Preview | None:
    try:
        return destinations.sent(delivery)
    except Unreadable:
        return None


urlpatterns: list[URLPattern] = [
    path("", deliveries, name="deliveries"),
    path("send-again/", replay_all, name="deliveries-replay"),
    path("<int:pk>/", delivery, name="delivery"),
    path("<int:pk>/send-again/", replay_one, name="delivery-replay"),
]
