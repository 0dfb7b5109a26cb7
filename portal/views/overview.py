"""Pages: the overview."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from leads.balance import Balance, balance
from leads.filters import days_ago
from leads.needs import needs
from portal.access import is_operator, of_request
from portal.offer_rows import busiest

DAYS = 30
WORDS = {
    "delivered": "delivered",
    "held": "held",
    "waiting": "waiting",
    "uncertain": "to decide",
    "rejected": "refused",
    "gave_up": "given up",
    "withheld": "withheld",
    "kept": "kept here",
}
SHOWN = 10
"""Offers on the page; the others are a link away."""


@login_required
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Show what needs somebody now, whether the books balance, and how each offer does; operators have the admin."""
    if is_operator(request.user):
        return redirect("admin:index")
    access = of_request(request)
    since = days_ago(DAYS)
    rows, books = busiest(access.offers, since), balance(access.publisher.pk, since)
    context = {
        "access": access,
        "days": DAYS,
        "needs": needs(access.publisher.pk),
        "books": books,
        "terms": terms(books),
        "rows": rows[:SHOWN],
        "offers": len(rows),
        "branches": any(len(row.destinations) > 1 for row in rows),
        "has_destinations": access.destinations.exists(),
    }
    return render(request, "overview/overview.html", context)


def terms(books: Balance) -> list[tuple[int, str]]:
    """List the states that have leads, with their words: what adds up to all that was received."""
    return [(count, word) for name, word in WORDS.items() if (count := getattr(books, name))]


urlpatterns: list[URLPattern] = [path("", overview, name="overview")]
