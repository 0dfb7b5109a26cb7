"""Deliveries: where each is and why, with its attempts; what stopped can be tried again."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from leads import replay
from leads.admin.filters import Cause, DeliveryState
from leads.admin.showing import NONE, RecordAdmin, RecordInline, moment, nowrap, state, under
from leads.failures import groups
from leads.filters import DeliveryFilter
from leads.models import Attempt, Delivery
from leads.proof import proof
from leads.why import next_try, standing, why


class AttemptInline(RecordInline[Attempt, Delivery]):
    model = Attempt
    fields = readonly_fields = ("number", "started", "outcome", "status", "took", "sentence", "answer")

    @admin.display(description="started")
    def started(self, attempt: Attempt) -> str:
        return moment(attempt.started_at)

    @admin.display(description="took")
    def took(self, attempt: Attempt) -> str:
        return f"{attempt.seconds:.2f} s"


@admin.register(Delivery)
class DeliveryAdmin(RecordAdmin[Delivery]):
    list_display = ("made", "where", "because", "cause", "to", "attempts", "next_due")
    list_filter = (DeliveryState, Cause, "destination", "publisher", "offer")
    list_select_related = ("destination", "offer__publisher", "lead")
    ordering = ("-id",)
    sortable_by = ()
    actions = ("try_again",)
    inlines = (AttemptInline,)
    fields = ("lead_link", "destination", "offer", "where", "because", "cause", "attempts", "next_due", "made", "sure")

    @admin.action(description="Try again", permissions=["operate"])
    def try_again(self, request: HttpRequest, chosen: QuerySet[Delivery]) -> HttpResponse | None:
        chosen = _meant(request, chosen)
        if "confirmed" in request.POST:
            return self._begin(request, chosen)
        context = self.admin_site.each_context(request) | {
            "title": "Try again",
            "opts": self.opts,
            "plan": replay.plan(chosen),
            "selected": request.POST.getlist(ACTION_CHECKBOX_NAME),
            "across": request.POST.get("select_across") == "1",
        }
        return TemplateResponse(request, "admin/leads/delivery/try_again.html", context)

    def _begin(self, request: HttpRequest, chosen: QuerySet[Delivery]) -> HttpResponse | None:
        begun = replay.start(chosen, filters={"operator": request.GET.dict()}, by=cast(User, request.user))
        if begun is None:
            self.message_user(request, "There was nothing left to try again.", messages.WARNING)
            return None
        return redirect("admin:leads_replay_change", begun.pk)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        told = {} if request.GET else {"groups": groups(None)}
        return super().changelist_view(request, told | (extra_context or {}))

    @admin.display(description="received")
    def made(self, delivery: Delivery) -> SafeString:
        return nowrap(moment(delivery.created_at))

    @admin.display(description="state")
    def where(self, delivery: Delivery) -> SafeString:
        return state(standing(delivery))

    @admin.display(description="why")
    def because(self, delivery: Delivery) -> SafeString:
        return format_html('<span class="wide">{}</span>', why(delivery))

    @admin.display(description="destination")
    def to(self, delivery: Delivery) -> SafeString:
        return under(delivery.destination, delivery.offer.full_id if delivery.offer else NONE)

    @admin.display(description="proof")
    def sure(self, delivery: Delivery) -> str:
        return proof(delivery) if delivery.state == Delivery.State.DELIVERED else NONE

    @admin.display(description="next try")
    def next_due(self, delivery: Delivery) -> str:
        return moment(next_try(delivery))

    @admin.display(description="lead")
    def lead_link(self, delivery: Delivery) -> SafeString:
        address = reverse("admin:leads_lead_change", args=[delivery.lead_id])
        return format_html('<a href="{}">{}</a>', address, delivery.lead.full_name or delivery.lead_id)


def _meant(request: HttpRequest, chosen: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Return what was ticked one by one; of all that match, what is missing only where it was asked for."""
    if request.POST.get("select_across") != "1":
        return chosen
    asked = DeliveryFilter(state=request.GET.get("state", ""), cause=request.GET.get("cause", ""))
    return asked.to_send_again(chosen)
