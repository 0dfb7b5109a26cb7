"""What goes into which field of the target: shown, tried out, saved."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from connectors.mapping import PLACEHOLDERS
from leads import catalogue, destinations, mappings
from leads.models import Destination
from portal.access import Access, of_request
from portal.forms.mapping import MappingForm


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
def mapping(request: HttpRequest, pk: int) -> HttpResponse:
    access, found = _of_builder(request, pk)
    posted, only_tried = request.method == "POST", "HX-Request" in request.headers
    form = MappingForm.entered(request.POST) if posted else MappingForm.of(found.mapping)
    faults = form.faults() or mappings.faults(found, form.mapping)
    if "save" in request.POST and not (faults or only_tried):
        destinations.change(found, mapping=form.mapping, by=access.user)
        messages.success(request, f"The mapping of {found.name} is saved.")
        return redirect("destination", pk)
    template = "destinations/_mapped.html" if only_tried else "destinations/mapping.html"
    return render(request, template, _page(found, form, faults))


@login_required
@require_POST
def refresh(request: HttpRequest, pk: int) -> HttpResponse:
    _, found = _of_builder(request, pk)
    learnt = catalogue.read(found, afresh=True)
    if not learnt.problem:
        messages.success(request, f"{len(learnt.fields)} fields were read from {found.connector_class.label}.")
    return redirect("destination-mapping", pk)


def _of_builder(request: HttpRequest, pk: int) -> tuple[Access, Destination]:
    access = of_request(request)
    access.must_build()
    return access, get_object_or_404(access.destinations, pk=pk)


def _page(destination: Destination, form: MappingForm, faults: list[str]) -> dict[str, Any]:
    sheet = mappings.sheet(destination, destination.mapping if faults else form.mapping)
    return {
        "destination": destination,
        "connector": destination.connector_class,
        "sheet": sheet,
        "rows": form.rows(sheet.fields),
        "faults": faults,
        "unsaved": form.mapping != destination.mapping,
        "placeholders": [f"{{{name}}}" for name in PLACEHOLDERS if "…" not in name],
    }
