"""Destinations: their health and history, never their secrets."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from leads import health, landing
from leads.admin.showing import NONE, RecordAdmin, RecordInline, moment, state
from leads.models import Delivery, Destination, DestinationVersion
from leads.vault import Unreadable

NOTHING: tuple[list[Any], ...] = ([None, ""], [None, {}])
"""Changes from nothing to nothing, which a first version has."""
UNREADABLE = "No key in FIELD_KEYS opens these settings."


class VersionInline(RecordInline[DestinationVersion, Destination]):
    model = DestinationVersion
    fields = readonly_fields = ("number", "saved", "saved_by", "what")
    verbose_name_plural = "versions"

    @admin.display(description="saved")
    def saved(self, version: DestinationVersion) -> str:
        return moment(version.saved_at)

    @admin.display(description="changes")
    def what(self, version: DestinationVersion) -> SafeString | str:
        changes = [(key, told(said)) for key, said in version.changes.items() if said not in NOTHING]
        return format_html_join("", "<div>{}: {}</div>", changes)


@admin.register(Destination)
class DestinationAdmin(RecordAdmin[Destination]):
    list_display = ("name", "publisher", "kind", "how", "problem_in_words", "since", "waits")
    list_filter = ("state", "connector", "publisher")
    list_select_related = ("publisher",)
    search_fields = ("name", "publisher__name", "publisher__slug")
    actions = ("pause", "resume")
    inlines = (VersionInline,)
    fields = (
        *("name", "publisher", "kind", "how", "problem", "problem_fix", "since", "resumes", "waits"),
        *("settings", "mapping", "checked", "rungs", "canary", "proved", "landings"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Destination]:
        waiting = Count("deliveries", filter=Q(deliveries__state__in=Delivery.OPEN))
        return super().get_queryset(request).defer("sealed_config").annotate(waiting=waiting).order_by("name")

    @admin.action(description="Pause", permissions=["operate"])
    def pause(self, request: HttpRequest, chosen: QuerySet[Destination]) -> None:
        for destination in chosen:
            health.pause(destination)
        self.message_user(request, f"{len(chosen)} paused. Their leads wait.", messages.SUCCESS)

    @admin.action(description="Resume: try one lead now", permissions=["operate"])
    def resume(self, request: HttpRequest, chosen: QuerySet[Destination]) -> None:
        for destination in chosen:
            health.probe(destination)
        self.message_user(request, f"{len(chosen)} try one lead now; the rest follow when it lands.", messages.SUCCESS)

    @admin.display(description="connector", ordering="connector")
    def kind(self, destination: Destination) -> str:
        return destination.connector_class.label

    @admin.display(description="state", ordering="state")
    def how(self, destination: Destination) -> SafeString:
        return state(destination.state)

    @admin.display(description="problem")
    def problem_in_words(self, destination: Destination) -> str:
        return destination.problem or NONE

    @admin.display(description="since", ordering="problem_since")
    def since(self, destination: Destination) -> str:
        return moment(destination.problem_since)

    @admin.display(description="next probe")
    def resumes(self, destination: Destination) -> str:
        return moment(destination.resume_at)

    @admin.display(description="leads waiting", ordering="waiting")
    def waits(self, destination: Destination) -> int:
        return int(vars(destination)["waiting"])

    @admin.display(description="settings without secrets")
    def settings(self, destination: Destination) -> SafeString | str:
        try:
            shown = destination.shown_config
        except Unreadable:
            return UNREADABLE
        return format_html_join("", "<div><code>{}</code> {}</div>", [(key, shown[key] or NONE) for key in shown])

    @admin.display(description="checked")
    def checked(self, destination: Destination) -> str:
        return moment(destination.checked_at)

    @admin.display(description="last proved")
    def proved(self, destination: Destination) -> str:
        return moment(destination.proved_at)

    @admin.display(description="looked for there")
    def landings(self, destination: Destination) -> str:
        found = landing.found([destination])[destination.pk]
        return ", ".join(f"{number:,} {shown}" for shown, number in sorted(found.items())) or NONE

    @admin.display(description="last check")
    def rungs(self, destination: Destination) -> SafeString | str:
        climbed = [(mark(rung), rung["name"], rung["sentence"]) for rung in destination.last_check or []]
        return format_html_join("", "<div>{} {}: {}</div>", climbed) or NONE


def told(said: Any) -> SafeString | str:
    """Write a change: from and to, or that a secret changed."""
    if isinstance(said, list):
        before, after = (value if value not in (None, "", {}) else NONE for value in said)
        return format_html("{} → {}", before, after)
    return str(said)


def mark(rung: dict[str, Any]) -> SafeString:
    return state({True: "passed", False: "failed", None: "pending"}[rung["passed"]])
