"""Pages: leads."""

from __future__ import annotations

import json
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from leads.models import Delivery, Lead
from leads.timeline import timeline, with_story
from leads.why import why_lead
from portal.access import of_request
from portal.forms.filters import LeadFilterForm
from portal.views.lists import turn

FIELDS = {
    "first_name": "First name",
    "last_name": "Last name",
    "email": "E-mail",
    "phone": "Phone",
    "country": "Country",
    "company": "Company",
    "title": "Title",
    "description": "Description",
    "lead_source": "Lead source",
}
CONSENT = {True: "given", False: "refused", None: "vouched for by the sender"}
DELIVERIES = Prefetch("deliveries", Delivery.objects.select_related("destination").order_by("pk"))


@login_required
@require_safe
def leads(request: HttpRequest) -> HttpResponse:
    access = of_request(request)
    form = LeadFilterForm(request.GET, access.offers)
    found = form.filter().apply(access.leads).select_related("customer").prefetch_related(DELIVERIES)
    page = turn(request, found, ["received_at", "id"])
    return render(request, "leads/leads.html", {"access": access, "page": page, "form": form})


@login_required
@require_safe
def lead(request: HttpRequest, pk: UUID) -> HttpResponse:
    access = of_request(request)
    found = get_object_or_404(with_story(access.leads), pk=pk)
    deliveries = list(found.deliveries.all())
    context = {
        "lead": found,
        "deliveries": deliveries,
        "why": why_lead(deliveries),
        "moments": timeline(found, deliveries),
        "fields": as_sent(found),
        "extra": [(name, _written(value)) for name, value in found.extra.items()],
    }
    return render(request, "leads/lead.html", context)


def as_sent(lead: Lead) -> list[tuple[str, str]]:
    """List a lead's fields as they came, by label."""
    fields = [(label, getattr(lead, name)) for name, label in FIELDS.items()]
    return [*fields, ("Consent", CONSENT[lead.consent])]


def _written(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


urlpatterns: list[URLPattern] = [
    path("", leads, name="leads"),
    path("<uuid:pk>/", lead, name="lead"),
]
