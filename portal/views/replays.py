"""Pages: sending again. What it would do, how far it is, what was sent again before."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leads import replay
from leads.filters import STATES
from leads.models import Replay
from leads.progress import progress
from portal.access import Access, of_request
from portal.forms.filters import DeliveryFilterForm
from portal.views.lists import turn


@login_required
@require_POST
def replay_one(request: HttpRequest, pk: int) -> HttpResponse:
    access = of_request(request)
    access.must_follow_up()
    found = get_object_or_404(access.deliveries, pk=pk)
    begun = replay.start(access.deliveries.filter(pk=pk), filters={"delivery": pk}, by=access.user)
    if begun is None:
        messages.warning(request, f"It is {found.get_state_display().lower()}, so there is nothing to send again.")
    elif begun.sentence:
        messages.warning(request, begun.sentence)
    else:
        messages.success(request, f"In line for {found.destination.name} again.")
    return redirect("delivery", pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def replay_all(request: HttpRequest) -> HttpResponse:
    """Say what sending again would do; when that is confirmed, begin."""
    access = of_request(request)
    access.must_follow_up()
    form = DeliveryFilterForm(request.GET, access.offers, access.destinations)
    chosen = form.filter().to_send_again(access.deliveries)
    if form.faults() or request.method != "POST":
        context = {"form": form, "plan": replay.plan(chosen)}
        return render(request, "deliveries/replay.html", context, status=400 if form.faults() else 200)
    begun = replay.start(chosen, filters=form.filter().words(), by=access.user)
    if begun is not None:
        return redirect("replay", begun.pk)
    messages.warning(request, "There was nothing left to send again: somebody may have been quicker.")
    return redirect(f"{reverse('deliveries')}?{form.query()}")


@login_required
@require_safe
def replays(request: HttpRequest) -> HttpResponse:
    access = of_request(request)
    page = turn(request, access.replays, ["id"])
    names = _names(access)
    rows = [(found, chosen(found, names), progress(found)) for found in page.rows]
    return render(request, "deliveries/replays.html", {"page": page, "rows": rows})


@login_required
@require_safe
def replay_page(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "deliveries/progress.html", _context(of_request(request), pk))


@login_required
@require_safe
def replay_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what moves of a replay's page; asked for every second while it is under way."""
    return render(request, "deliveries/_progress.html", _context(of_request(request), pk))


@login_required
@require_POST
def replay_stop(request: HttpRequest, pk: int) -> HttpResponse:
    access = of_request(request)
    access.must_follow_up()
    if not replay.stop(get_object_or_404(access.replays, pk=pk), access.user):
        messages.warning(request, "It had ended already.")
    return redirect("replay", pk)


def chosen(found: Replay, names: dict[str, dict[Any, str]]) -> list[str]:
    """Say in words which deliveries a replay was to send; ``names`` are those of destinations and offers."""
    if "delivery" in found.filters:
        return ["One delivery"]
    said = [_said(name, found.filters[name], names) for name in WORDS if name in found.filters]
    return said or ["Chosen by the operator" if "operator" in found.filters else "All deliveries"]


def _said(name: str, value: Any, names: dict[str, dict[Any, str]]) -> str:
    if name == "since":
        at = datetime.fromisoformat(value)
        return f"Since: {at.day} {at:%b %Y}"
    return f"{WORDS[name]}: {names.get(name, {}).get(value, value)}"


def _names(access: Access) -> dict[str, dict[Any, str]]:
    return {
        "destination": dict(access.destinations.values_list("pk", "name")),
        "offer": {offer.full_id: offer.title for offer in access.offers},
        "state": dict(STATES),
    }


def _context(access: Access, pk: int) -> dict[str, Any]:
    found = get_object_or_404(access.replays, pk=pk)
    return {
        "access": access,
        "replay": found,
        "open": found.state in Replay.OPEN,
        "progress": progress(found),
        "chosen": chosen(found, _names(access)),
    }


WORDS = {"destination": "Destination", "cause": "Cause", "state": "State", "offer": "Offer", "since": "Since"}

urlpatterns: list[URLPattern] = [
    path("send-again/", replay_all, name="deliveries-replay"),
    path("<int:pk>/send-again/", replay_one, name="delivery-replay"),
    path("replays/", replays, name="replays"),
    path("replays/<int:pk>/", replay_page, name="replay"),
    path("replays/<int:pk>/progress/", replay_progress, name="replay-progress"),
    path("replays/<int:pk>/stop/", replay_stop, name="replay-stop"),
]
