"""What the operator's lists are narrowed by. The words are those of the portal's own filters."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest

from leads.filters import STATES, DeliveryFilter, LeadFilter, days_ago
from leads.models import Delivery, Lead
from leads.states import LeadState

DAYS = {"0": "Today", "7": "Last 7 days", "30": "Last 30 days", "90": "Last 90 days"}


PERIOD = ".."
"""Stands between the first and the last day of a period, as in 2026-01-01..2026-01-31; either may be missing."""


class Received(SimpleListFilter):
    title = "received"
    parameter_name = "days"

    def lookups(self, _request: HttpRequest, _model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:
        own = self.value() or ""
        return [*DAYS.items(), *([(own, own.replace(PERIOD, " to ").strip())] if PERIOD in own else [])]

    def queryset(self, _request: HttpRequest, leads: QuerySet[Lead]) -> QuerySet[Lead]:
        value = self.value() or ""
        return LeadFilter(since=days_ago(int(value))).apply(leads) if value in DAYS else _between(value).apply(leads)


class Standing(SimpleListFilter):
    """Where a lead stands; the books count it there too."""

    title = "state"
    parameter_name = "state"

    def lookups(self, _request: HttpRequest, _model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:
        return [(state.value, state.label) for state in LeadState]

    def queryset(self, _request: HttpRequest, leads: QuerySet[Lead]) -> QuerySet[Lead]:
        value = self.value()
        return LeadFilter(state=LeadState(value)).apply(leads) if value in LeadState.values else leads


class DeliveryState(SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, _request: HttpRequest, _model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:
        return [(value, str(label)) for value, label in STATES]

    def queryset(self, _request: HttpRequest, deliveries: QuerySet[Delivery]) -> QuerySet[Delivery]:
        return DeliveryFilter(state=self.value() or "").apply(deliveries)


class Cause(SimpleListFilter):
    title = "cause"
    parameter_name = "cause"

    def lookups(self, _request: HttpRequest, _model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:
        # What is delivered has no cause to look for, and is most of the table.
        unfinished = Delivery.objects.exclude(state=Delivery.State.DELIVERED).exclude(cause="")
        return [(cause, cause) for cause in unfinished.order_by("cause").values_list("cause", flat=True).distinct()]

    def queryset(self, _request: HttpRequest, deliveries: QuerySet[Delivery]) -> QuerySet[Delivery]:
        return DeliveryFilter(cause=self.value() or "").apply(deliveries)


def _between(period: str) -> LeadFilter:
    first, last = map(_day, (period.partition(PERIOD)[0], period.partition(PERIOD)[2]))
    return LeadFilter(since=first, until=last and last + timedelta(days=1))


def _day(text: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC)
    except ValueError:
        return None
