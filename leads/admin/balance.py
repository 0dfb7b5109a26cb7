"""The balance of the books, of all publishers or of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from leads import audit
from leads.admin.filters import PERIOD
from leads.admin.periods import DAYS, PeriodForm
from leads.admin.showing import RecordAdmin
from leads.comparison import Period
from leads.filters import LeadFilter
from leads.lines import Scope, Table
from leads.models import Lead, Publisher

LONGEST = timedelta(days=366)
ALL = "all publishers"


class BalanceForm(PeriodForm):
    """A period of at most a year, and a publisher or all."""

    days = forms.ChoiceField(choices=[(days, word) for days, word in DAYS.items() if days != "all"], required=False)
    storefront = country = None  # type: ignore[assignment] # Django's way to leave a field out
    publisher = forms.ModelChoiceField(Publisher.objects.order_by("name"), required=False, empty_label="All publishers")

    def clean(self) -> dict[str, object]:
        super().clean()
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if until and not since:
            self.add_error("since", "Since must be given with until.")
        elif since and (until or timezone.now().date()) - since > LONGEST:
            self.add_error("since", f"Since must be at most {LONGEST.days} days before the end.")
        return self.cleaned_data

    @property
    def whose(self) -> Publisher | None:
        return self.cleaned_data.get("publisher")


class Balancing(RecordAdmin[Lead]):
    """Adds the page to the leads' own."""

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.balance_page)
        return [path("balance/", page, name="leads_lead_balance"), *super().get_urls()]

    def balance_page(self, request: HttpRequest) -> HttpResponse:
        """Show where the leads of a period are, by day and publisher, or by day and offer of one publisher."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked = BalanceForm(request.GET)
        period = asked.period()
        context = self.admin_site.each_context(request) | {"title": "Balance", "opts": self.opts, "asked": asked}
        return TemplateResponse(request, "admin/leads/lead/balance.html", context | drawn_up(asked.whose, period))


@dataclass(frozen=True)
class Links:
    """Addresses of the operator's pages."""

    publisher: Publisher | None
    period: Period

    def leads(self, scope: Scope, state: str) -> str:
        words = self._whose(scope) | {"kind__exact": scope.kind} | ({"state": state} if state else {})
        return f"{reverse('admin:leads_lead_changelist')}?{urlencode(words | {'days': PERIOD.join(self._days(scope))})}"

    def books(self, scope: Scope) -> str:
        publisher = self.publisher.pk if self.publisher else scope.whose
        words = {"publisher": publisher or "", **dict(zip(("since", "until"), self._days(scope), strict=True))}
        return f"?{urlencode({name: value for name, value in words.items() if value})}"

    def _whose(self, scope: Scope) -> dict[str, int]:
        publisher = {"publisher__id__exact": self.publisher.pk} if self.publisher else {}
        offer_or_publisher = "offer__id__exact" if self.publisher else "publisher__id__exact"
        return publisher | ({offer_or_publisher: scope.whose} if scope.whose else {})

    def _days(self, scope: Scope) -> list[str]:
        if scope.day:
            return [scope.day.isoformat()] * 2
        last = self.period.until and self.period.until - timedelta(days=1)
        return [at.date().isoformat() if at else "" for at in (self.period.since, last)]


def drawn_up(publisher: Publisher | None, period: Period) -> dict[str, Any]:
    """Draw up the books of a publisher by offer, or with None everybody's by publisher."""
    leads = LeadFilter(since=period.since, until=period.until).apply(
        publisher.leads.all() if publisher else Lead.objects.all()
    )
    books = audit.books(leads, publisher.slug if publisher else ALL, by="offer" if publisher else "publisher")
    rows = publisher.offers.values_list("pk", "title") if publisher else Publisher.objects.values_list("pk", "name")
    names = dict(rows.filter(pk__in=[pk for pk in books.sheet.by_whose() if pk]))
    return {
        "publisher": publisher,
        "period": period,
        "books": books,
        "table": Table(books.sheet, names, Links(publisher, period)),
    }
