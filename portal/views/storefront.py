"""An offer's page on a storefront, where customers become leads. It works without JavaScript."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, register_converter, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from leads import intake
from leads.models import Offer
from leads.taxonomy import BUTTONS, Action, Source, Storefront
from portal.access import of_request
from portal.forms.storefront import AcquireForm, extras
from portal.forms.storefront_words import WORDS, said

Button = tuple[Source, Action]


class StorefrontConverter:
    """A storefront in an address: ``azure-marketplace`` or ``appsource``."""

    regex = "|".join(value.replace("_", "-") for value in Storefront.values)

    def to_python(self, value: str) -> Storefront:
        return Storefront(value.replace("-", "_"))

    def to_url(self, value: str) -> str:
        return str(value).replace("_", "-")


register_converter(StorefrontConverter, "storefront")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def offer(request: HttpRequest, storefront: Storefront, full_id: str) -> HttpResponse:
    """Show the offer with its buttons; with a button pressed, its form; with the form sent, take the lead."""
    shown = sold(request, storefront, full_id)
    button = pressed(request, storefront)
    form = AcquireForm(request.POST or None, action=button[1], offer=shown) if button else None
    if form and button and form.is_valid() and taken(request, form, shown, storefront, button):
        return redirect(thanks_address(storefront, shown, button))
    return render(request, "storefront/offer.html", page(request, shown, storefront, button) | {"form": form})


@never_cache
@require_safe
def thanks(request: HttpRequest, storefront: Storefront, full_id: str) -> HttpResponse:
    """Say what happens next."""
    shown = sold(request, storefront, full_id)
    button = pressed(request, storefront)
    if button is None:
        return redirect("storefront-offer", storefront, full_id)
    words = said(WORDS[button[1]], shown)
    return render(request, "storefront/thanks.html", page(request, shown, storefront, button) | {"words": words})


def sold(request: HttpRequest, storefront: Storefront, full_id: str) -> Offer:
    """Find what is sold here: for everyone when live, else for members of its publisher only."""
    found = get_object_or_404(Offer.objects.named(full_id), storefronts__contains=[storefront])
    return found if found.status == Offer.Status.LIVE else of_request(request).offer(full_id)


def pressed(request: HttpRequest, storefront: Storefront) -> Button | None:
    """Tell which button led here."""
    return next((button for button in BUTTONS[storefront] if button[1] == request.GET.get("do")), None)


def taken(request: HttpRequest, form: AcquireForm, shown: Offer, storefront: Storefront, button: Button) -> bool:
    """Take the lead; a machine's is let go in silence, and a form sent before in other words is asked about."""
    if form.by_machine:
        return True
    received = intake.receive(form.event(shown, storefront, button, extras(request.GET)))
    if received.conflict:
        form.ask_again()
    return not received.conflict


def page(request: HttpRequest, shown: Offer, storefront: Storefront, button: Button | None) -> dict[str, Any]:
    """Gather what both pages show."""
    return {
        "offer": shown,
        "storefront": storefront,
        "preview": shown.status != Offer.Status.LIVE,
        "buttons": [choice(request, shown, each, pressed=each == button) for each in BUTTONS[storefront]],
        "button": button[1] if button else None,
    }


def choice(request: HttpRequest, shown: Offer, button: Button, *, pressed: bool) -> dict[str, Any]:
    """Describe one button; its link carries on whatever the address said besides."""
    query = urlencode(extras(request.GET) | {"do": button[1].value})
    return {
        "action": button[1],
        "href": f"?{query}#form",
        "promise": said(WORDS[button[1]], shown).promise,
        "pressed": pressed,
    }


def thanks_address(storefront: Storefront, shown: Offer, button: Button) -> str:
    return f"{reverse('storefront-thanks', args=[storefront, shown.full_id])}?do={button[1].value}"


urlpatterns = [
    path("<storefront:storefront>/<str:full_id>/", offer, name="storefront-offer"),
    path("<storefront:storefront>/<str:full_id>/thanks/", thanks, name="storefront-thanks"),
]
