"""Offers with their funnels, and the funnel's own page."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from leads import comparison, funnel
from leads.admin.periods import PeriodForm
from leads.admin.showing import NONE, RecordAdmin, RecordInline, moment, state, under
from leads.funnel import Funnel
from leads.models import Offer, Route
from leads.taxonomy import Storefront


class OfferList(ChangeList):
    """The list with each offer's funnel, all of them counted at once."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        offers = cast("list[Offer]", list(self.result_list))
        counted = funnel.funnels([offer.pk for offer in offers])
        for offer in offers:
            vars(offer)["funnel"] = counted[offer.pk]
        self.result_list = offers


class RouteInline(RecordInline[Route, Offer]):
    model = Route
    fields = readonly_fields = ("destination", "how")
    verbose_name_plural = "goes to"

    @admin.display(description="state")
    def how(self, route: Route) -> SafeString:
        return state(route.destination.state)


@admin.register(Offer)
class OfferAdmin(RecordAdmin[Offer]):
    list_display = ("named", "how", "sold_on", "picture", "test_drive", "initial_interest", "active", "conversion")
    list_filter = ("status", "publisher")
    list_select_related = ("publisher",)
    search_fields = ("title", "offer_id", "publisher__slug", "publisher__name")
    ordering = ("publisher__slug", "offer_id")
    sortable_by = ()
    inlines = (RouteInline,)
    fields = ("title", "full_id", "summary", "publisher", "how", "sold_on", "registered", "funnel_link")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        del request, kwargs
        return OfferList

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.funnel_page)
        return [path("<int:pk>/funnel/", page, name="leads_offer_funnel"), *super().get_urls()]

    def funnel_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show an offer's funnel over a period, beside the period before."""
        offer = self.get_object(request, str(pk))
        if offer is None or not self.has_view_permission(request, offer):
            raise Http404
        asked = PeriodForm(request.GET)
        period = asked.period()
        context = self.admin_site.each_context(request) | {
            "title": f"Funnel: {offer}",
            "opts": self.opts,
            "offer": offer,
            "asked": asked,
            "period": period,
            "compared": comparison.compared(offer.pk, period, asked.market(), timezone.now()),
        }
        return TemplateResponse(request, "admin/leads/offer/funnel.html", context)

    @admin.display(description="offer")
    def named(self, offer: Offer) -> SafeString:
        return under(offer.title, offer.full_id)

    @admin.display(description="status")
    def how(self, offer: Offer) -> SafeString:
        return state(offer.status)

    @admin.display(description="sold on")
    def sold_on(self, offer: Offer) -> SafeString:
        return format_html_join(", ", "{}", [[Storefront(each).label] for each in offer.storefronts])

    @admin.display(description="registered")
    def registered(self, offer: Offer) -> str:
        return moment(offer.created_at)

    @admin.display(description="funnel")
    def funnel_link(self, offer: Offer) -> SafeString:
        return format_html('<a href="{}">Customers and leads at each stage</a>', funnel_address(offer))

    @admin.display(description="funnel")
    def picture(self, offer: Offer) -> SafeString | str:
        counted = funnel_of(offer)
        if not counted.leads:
            return "no leads yet"
        drawn = render_to_string("admin/parts/funnel_mini.html", {"funnel": counted})
        return format_html('<a href="{}" aria-label="Funnel of {}">{}</a>', funnel_address(offer), offer.title, drawn)

    @admin.display(description="test drive")
    def test_drive(self, offer: Offer) -> SafeString | str:
        return at_stage(offer, 0)

    @admin.display(description="initial interest")
    def initial_interest(self, offer: Offer) -> SafeString | str:
        return at_stage(offer, 1)

    @admin.display(description="active")
    def active(self, offer: Offer) -> SafeString | str:
        return at_stage(offer, 2)

    @admin.display(description="conversion")
    def conversion(self, offer: Offer) -> SafeString:
        return render_to_string("admin/parts/percent.html", {"share": funnel_of(offer).conversion})


def funnel_of(offer: Offer) -> Funnel:
    """Return the funnel that the list has counted."""
    return cast("Funnel", vars(offer)["funnel"])


def funnel_address(offer: Offer) -> str:
    return reverse("admin:leads_offer_funnel", args=[offer.pk])


def at_stage(offer: Offer, number: int) -> SafeString | str:
    count = funnel_of(offer).stages[number]
    leads = f"{count.leads:,} lead{'' if count.leads == 1 else 's'}"
    return under(f"{count.customers:,}", leads) if count.leads else NONE
