"""Leads: looked at, searched, taken out as a file."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.admin.views.main import ORDER_VAR, PAGE_VAR
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from leads import exports
from leads.admin.balance import Balancing
from leads.admin.filters import Received, Standing
from leads.admin.showing import NONE, RecordInline, moment, nowrap, state, under
from leads.filters import LeadFilter
from leads.models import Delivery, Lead
from leads.timeline import timeline, with_story
from leads.why import standing, why, why_lead


class DeliveryInline(RecordInline[Delivery, Lead]):
    model = Delivery
    fields = readonly_fields = ("to", "where", "because", "attempts", "finished_at")
    verbose_name_plural = "deliveries"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        return super().get_queryset(request).select_related("destination")

    @admin.display(description="destination")
    def to(self, delivery: Delivery) -> SafeString:
        address = reverse("admin:leads_delivery_change", args=[delivery.pk])
        return format_html('<a href="{}">{}</a>', address, delivery.destination.name)

    @admin.display(description="state")
    def where(self, delivery: Delivery) -> SafeString:
        return state(standing(delivery))

    @admin.display(description="why")
    def because(self, delivery: Delivery) -> str:
        return why(delivery)


@admin.register(Lead)
class LeadAdmin(Balancing):
    list_display = ("received", "person", "company", "sold", "did", "where")
    list_filter = (Received, Standing, "kind", "stage", "source", "publisher", "offer")
    list_select_related = ("offer__publisher", "customer")
    search_fields = ("email",)
    search_help_text = "An e-mail, or the beginning of a name or company."
    ordering = ("-id",)
    sortable_by = ()
    actions = ("export",)
    inlines = (DeliveryInline,)
    fieldsets = (
        (None, {"fields": ("id", "received_at", "kind", "publisher", "offer", "source", "action", "stage")}),
        ("Customer", {"fields": ("first_name", "last_name", "email", "phone", "country", "company", "title")}),
        ("What they said", {"fields": ("description", "consent", "contact", "storefront", "extra")}),
        ("What happened", {"fields": ("story",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Lead]:
        return super().get_queryset(request).prefetch_related("deliveries__destination")

    def get_search_results(
        self, _request: HttpRequest, found: QuerySet[Lead], search_term: str
    ) -> tuple[QuerySet[Lead], bool]:
        return LeadFilter(q=search_term).apply(found), False

    @admin.action(description="Export as CSV", permissions=["view"])
    def export(self, request: HttpRequest, chosen: QuerySet[Lead]) -> StreamingHttpResponse:
        lines = exports.export(chosen, by=request.user, filters=asked(request))
        name = f"leads-{timezone.now():%Y-%m-%d-%H%M}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)

    @admin.display(description="story")
    def story(self, lead: Lead) -> SafeString:
        told = with_story(Lead.objects.filter(pk=lead.pk)).get()
        deliveries = list(told.deliveries.all())
        context = {"why": why_lead(deliveries), "moments": timeline(told, deliveries)}
        return render_to_string("admin/leads/lead/story.html", context)

    @admin.display(description="received")
    def received(self, lead: Lead) -> SafeString:
        return nowrap(moment(lead.received_at))

    @admin.display(description="customer")
    def person(self, lead: Lead) -> SafeString:
        forbidden = lead.customer is not None and lead.customer.do_not_contact
        return format_html("{} {}", under(lead.full_name or NONE, lead.email), self.contact(lead) if forbidden else "")

    @admin.display(description="offer")
    def sold(self, lead: Lead) -> SafeString | str:
        named = format_html("<code>{}</code>", lead.offer.full_id) if lead.offer else NONE
        return named if lead.kind == Lead.Kind.LIVE else format_html("{}<br>{}", named, state(lead.kind))

    @admin.display(description="did")
    def did(self, lead: Lead) -> SafeString:
        return under(lead.get_action_display(), lead.get_stage_display() or "no stage")

    @admin.display(description="deliveries")
    def where(self, lead: Lead) -> SafeString | str:
        deliveries = [(state(standing(delivery)), delivery.destination) for delivery in lead.deliveries.all()]
        return format_html_join("", "<div>{} {}</div>", deliveries) or NONE

    @admin.display(description="contact")
    def contact(self, lead: Lead) -> SafeString | str:
        return state("held", "Do not contact") if lead.customer and lead.customer.do_not_contact else NONE


def asked(request: HttpRequest) -> dict[str, str]:
    """Read what the list is narrowed by from its address, without page and order."""
    given = request.GET.dict().items()
    return {name.partition("__")[0]: str(value) for name, value in given if name not in (PAGE_VAR, ORDER_VAR)}
