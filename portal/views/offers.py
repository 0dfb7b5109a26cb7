"""Pages: offers."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from leads import offers, publishing
from leads.filters import days_ago
from leads.models import Offer
from leads.taxonomy import Storefront
from portal.access import of_request
from portal.forms.offers import OfferForm, RegisterForm
from portal.offer_page import history, next_act
from portal.offer_rows import offer_rows
from portal.views.lists import turn

DAYS = 30
form_methods = require_http_methods(["GET", "HEAD", "POST"])


@login_required
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """List offers, newest first, of one status or all."""
    access = of_request(request)
    status = request.GET.get("status", "")
    found = access.offers.filter(status=status) if status in Offer.Status.values else access.offers
    shown = turn(request, found.prefetch_related("destinations"), ["id"])
    rows = offer_rows(shown.rows, days_ago(DAYS))
    context = {"access": access, "rows": rows, "page": shown, "status": status, "statuses": Offer.Status, "days": DAYS}
    return render(request, "offers/list.html", context)


@login_required
@form_methods
def register(request: HttpRequest) -> HttpResponse:
    """Register an offer as a draft."""
    access = of_request(request)
    access.must_build()
    form = RegisterForm(_sent(request), publisher=access.publisher, destinations=access.destinations)
    if form.is_valid():
        try:
            registered = offers.register(access.publisher, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect("offer", registered.full_id)
    context = {"access": access, "form": form, "has_destinations": access.destinations.exists()}
    return render(request, "offers/register.html", context)


@login_required
@require_safe
def offer(request: HttpRequest, full_id: str) -> HttpResponse:
    """Show one offer: what to do next, how publishing went, where its leads go, its funnel."""
    access = of_request(request)
    shown = access.offer(full_id)
    published = history(shown)
    last = published[0] if published else None
    [row] = offer_rows([shown], days_ago(DAYS))
    context = {
        "access": access,
        "offer": shown,
        "row": row,
        "last": last,
        "earlier": published[1:],
        "next": next_act(shown, last, row.destinations),
        "storefronts": _storefronts(shown),
        "days": DAYS,
    }
    return render(request, "offers/offer.html", context)


@login_required
@form_methods
def edit(request: HttpRequest, full_id: str) -> HttpResponse:
    """Change an offer and where its leads go."""
    access = of_request(request)
    access.must_build()
    shown = access.offer(full_id)
    form = OfferForm(_sent(request), initial=_values(shown), destinations=access.destinations)
    if form.is_valid():
        offers.change(shown, **form.cleaned_data)
        messages.success(request, "Saved. It counts from the next lead on.")
        return redirect("offer", shown.full_id)
    context = {"access": access, "offer": shown, "form": form, "has_destinations": access.destinations.exists()}
    return render(request, "offers/edit.html", context)


@login_required
@require_POST
def publish(request: HttpRequest, full_id: str) -> HttpResponse:
    """Start publishing; the page it leads to shows the steps."""
    access = of_request(request)
    access.must_build()
    shown = access.offer(full_id)
    publishing.publish(shown, access.user)
    return redirect("offer", shown.full_id)


@login_required
@require_safe
def steps(request: HttpRequest, full_id: str) -> HttpResponse:
    """Show the steps of a running publication anew; once it ended, the whole page has news."""
    shown = of_request(request).offer(full_id)
    if not request.headers.get("HX-Request"):
        return redirect("offer", shown.full_id)
    last = next(iter(history(shown)), None)
    if last is None or not last.running:
        return HttpResponseClientRefresh()
    return render(request, "offers/steps.html", {"offer": shown, "last": last})


@login_required
@require_POST
def go_live(request: HttpRequest, full_id: str) -> HttpResponse:
    """Open the offer to everyone."""
    access = of_request(request)
    access.must_build()
    shown = access.offer(full_id)
    try:
        publishing.go_live(shown)
    except publishing.WrongStatus as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{shown.title} is live. Customers find it from now on.")
    return redirect("offer", shown.full_id)


@login_required
@require_POST
def unpublish(request: HttpRequest, full_id: str) -> HttpResponse:
    """Take the offer off the storefronts."""
    access = of_request(request)
    access.must_build()
    shown = access.offer(full_id)
    publishing.unpublish(shown)
    messages.success(request, f"{shown.title} is off the storefronts. Leads that still come are kept.")
    return redirect("offer", shown.full_id)


def _sent(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _values(shown: Offer) -> dict[str, object]:
    kept: dict[str, object] = {name: getattr(shown, name) for name in ("title", "summary", "storefronts")}
    return kept | {"destinations": shown.destinations.all()}


def _storefronts(shown: Offer) -> list[dict[str, str]]:
    return [
        {"label": storefront.label, "href": reverse("storefront-offer", args=[storefront, shown.full_id])}
        for storefront in Storefront
        if storefront in shown.storefronts
    ]


urlpatterns: list[URLPattern] = [
    path("", listing, name="offers"),
    path("register/", register, name="offer-register"),
    path("<str:full_id>/", offer, name="offer"),
    path("<str:full_id>/edit/", edit, name="offer-edit"),
    path("<str:full_id>/publish/", publish, name="offer-publish"),
    path("<str:full_id>/steps/", steps, name="offer-steps"),
    path("<str:full_id>/go-live/", go_live, name="offer-go-live"),
    path("<str:full_id>/unpublish/", unpublish, name="offer-unpublish"),
]
