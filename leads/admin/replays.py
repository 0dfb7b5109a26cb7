"""Replays: what was tried again, by whom, and how far it is; one that is under way can be stopped."""

from __future__ import annotations

from typing import cast

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from leads import replay
from leads.admin.showing import NONE, RecordAdmin, moment, nowrap, state
from leads.models import Replay
from leads.progress import progress

FIGURES = ("landed", "failed", "on_its_way", "parked", "kept")
LABELS = ("landed", "failed again", "on their way", "to come", "left as they were")


@admin.register(Replay)
class ReplayAdmin(RecordAdmin[Replay]):
    list_display = ("began", "started_by", "publisher", "how", "total", "may_double", "landed", "failed", "sentence")
    list_filter = ("state", "publisher")
    list_select_related = ("started_by", "publisher")
    ordering = ("-id",)
    sortable_by = ()
    actions = ("stop",)
    fields = ("began", "started_by", "publisher", "how", "sentence", "far", "may_double", "chosen", "ended")

    @admin.action(description="Stop", permissions=["operate"])
    def stop(self, request: HttpRequest, chosen: QuerySet[Replay]) -> None:
        stopped = sum(replay.stop(found, cast(User, request.user)) for found in chosen)
        self.message_user(request, f"{stopped} stopped.", messages.SUCCESS if stopped else messages.WARNING)

    @admin.display(description="began")
    def began(self, found: Replay) -> SafeString:
        return nowrap(moment(found.started_at))

    @admin.display(description="ended")
    def ended(self, found: Replay) -> str:
        return moment(found.finished_at)

    @admin.display(description="state")
    def how(self, found: Replay) -> SafeString:
        return state(found.state, found.get_state_display())

    @admin.display(description="how far")
    def far(self, found: Replay) -> SafeString:
        now = progress(found)
        figures = [(getattr(now, name), label) for name, label in zip(FIGURES, LABELS, strict=True)]
        return format_html_join("", "<div><b>{}</b> {}</div>", [(now.total, "in all"), *figures])

    @admin.display(description="chosen by")
    def chosen(self, found: Replay) -> SafeString | str:
        return format_html_join("", "<div><code>{}</code> {}</div>", found.filters.items()) or NONE
