"""Connecting a destination, changing its settings, going back to earlier ones."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from connectors import registry
from connectors.base import Connector
from leads import catalogue, destinations, versions
from leads.models import Destination
from leads.vault import Unreadable
from portal.access import Access, of_request
from portal.forms.destinations import DestinationForm, Entered
from portal.views.destinations import issued


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
def connect(request: HttpRequest, slug: str) -> HttpResponse:
    access, connector = _builder(request), _connector(slug)
    form = DestinationForm(_entered(request), connector, others=access.destinations)
    if request.method == "POST" and form.is_valid():
        created = _create(access, connector, form)
        if created:
            issued.hand_over(request, *created)
            return redirect("destination", created[0].pk)
    return render(request, "destinations/connect.html", _page(connector, form))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    access = _builder(request)
    found = get_object_or_404(access.destinations, pk=pk)
    form = DestinationForm(
        _entered(request),
        found.connector_class,
        others=access.destinations.exclude(pk=pk),
        stored=versions.entered(found),
        name=found.name,
        secret_expires_on=found.secret_expires_on,
        known_end=found.known_secret_end,
    )
    form.offer(catalogue.fields(found))
    if request.method == "POST" and form.is_valid() and _change(access, found, form):
        messages.success(request, f"The settings of {found.name} are saved.")
        return redirect("destination", pk)
    return render(request, "destinations/edit.html", _page(found.connector_class, form) | {"destination": found})


@login_required
@require_POST
def revert(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    access = _builder(request)
    found = get_object_or_404(access.destinations, pk=pk)
    version = get_object_or_404(found.versions, number=number)
    try:
        destinations.revert(found, version, access.user)
    except Unreadable:
        messages.error(request, f"Version {number} cannot be read any more. Enter the settings again.")
    else:
        messages.success(request, f"The settings are those of version {number} again.")
    return redirect("destination", pk)


def _builder(request: HttpRequest) -> Access:
    access = of_request(request)
    access.must_build()
    return access


def _entered(request: HttpRequest) -> Entered | None:
    return (request.POST, request.FILES) if request.method == "POST" else None


def _connector(slug: str) -> type[Connector[Any]]:
    try:
        return registry.get(slug)
    except KeyError:
        raise Http404 from None


def _create(
    access: Access, connector: type[Connector[Any]], form: DestinationForm
) -> tuple[Destination, dict[str, Any]] | None:
    try:
        return destinations.create(
            access.publisher,
            name=form.name,
            connector=connector.slug,
            config=form.settings.config(),
            secret_expires_on=form.secret_expires_on,
            by=access.user,
        )
    except IntegrityError:
        form.taken()
        return None


def _change(access: Access, destination: Destination, form: DestinationForm) -> bool:
    try:
        destinations.change(
            destination,
            name=form.name,
            config=form.settings.config(),
            secret_expires_on=form.secret_expires_on,
            by=access.user,
        )
    except IntegrityError:
        form.taken()
        return False
    return True


def _page(connector: type[Connector[Any]], form: DestinationForm) -> dict[str, Any]:
    return {"connector": connector, "guide": f"{connector.slug}/guide.html", "form": form}
