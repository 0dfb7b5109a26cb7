"""Pages: the balance of the books."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_safe

from leads import audit
from leads.lines import Scope, Table
from leads.models import Offer
from portal.access import of_request
from portal.forms.balance import BalanceForm


@login_required
@require_safe
def balance(request: HttpRequest) -> HttpResponse:
    """Show that every lead received is in exactly one state, by offer and day."""
    access = of_request(request)
    form = BalanceForm(request.GET, access.offers)
    books = audit.books(form.filter().apply(access.leads), access.publisher.slug)
    offers = access.offers.in_bulk([pk for pk in books.sheet.by_whose() if pk])
    names = {pk: offer.title for pk, offer in offers.items()}
    context = {"form": form, "books": books, "table": Table(books.sheet, names, Links(form.words(), offers))}
    return render(request, "balance/balance.html", context)


@dataclass(frozen=True)
class Links:
    """Addresses of the portal's pages. ``words`` narrow this page, and the lists it leads to, in the same way."""

    words: dict[str, str]
    offers: dict[int, Offer]

    def leads(self, scope: Scope, state: str) -> str:
        narrowed = self._narrowed(scope) | {"kind": scope.kind} | ({"state": state} if state else {})
        return f"{reverse('leads')}?{urlencode(narrowed)}"

    def books(self, scope: Scope) -> str:
        return f"?{urlencode(self._narrowed(scope))}"

    def _narrowed(self, scope: Scope) -> dict[str, str]:
        offer = {"offer": self.offers[scope.whose].full_id} if scope.whose else {}
        day = dict.fromkeys(("since", "until"), scope.day.isoformat()) if scope.day else {}
        return self.words | offer | day


urlpatterns: list[URLPattern] = [path("", balance, name="balance")]
