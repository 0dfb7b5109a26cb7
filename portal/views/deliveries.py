"""Pages: deliveries."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from connectors.base import Preview
from leads import previews
from leads.failures import groups
from leads.models import Delivery, Destination, Replay
from leads.progress import can_be_sent_again
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
    """List deliveries: what does not land first, by cause, and then each."""
    access = of_request(request)
    form = DeliveryFilterForm(request.GET, access.offers, access.destinations)
    narrowed = bool(form.given or form.errors)
    context = {
        "access": access,
        "form": form,
        "page": turn(request, form.filter().apply(access.deliveries), ["id"]),
        "groups": [] if narrowed else groups(access.publisher.pk),
        "replays": [] if narrowed else list(access.replays.filter(state__in=Replay.OPEN)),
    }
    return render(request, "deliveries/deliveries.html", context)


@login_required
@require_safe
def delivery(request: HttpRequest, pk: int) -> HttpResponse:
    access = of_request(request)
    found = get_object_or_404(access.deliveries, pk=pk)
    return render(request, "deliveries/delivery.html", exchange(access, found))


def exchange(access: Access, delivery: Delivery) -> dict[str, Any]:
    """Gather what was sent and what was answered."""
    return {
        "access": access,
        "delivery": delivery,
        "attempts": list(delivery.tries.order_by("-number")),
        "sent": _sent(delivery),
        "pending": standing(delivery) in MOVING,
        "replayable": can_be_sent_again(delivery),
    }


def _sent(delivery: Delivery) -> Preview | None:
    try:
        return previews.of_delivery(delivery)
    except Unreadable:
        return None


urlpatterns: list[URLPattern] = [
    path("", deliveries, name="deliveries"),
    path("<int:pk>/", delivery, name="delivery"),
]
