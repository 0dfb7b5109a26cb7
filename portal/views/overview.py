"""Pages: the overview."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from portal.access import of_request


@login_required
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Show what needs somebody now, and how each offer does."""
    access = of_request(request)
    return render(request, "overview/overview.html", {"access": access})


urlpatterns: list[URLPattern] = [path("", overview, name="overview")]
