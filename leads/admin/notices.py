"""Notices: the mails that were or will be sent, and sending them again."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from leads.admin.showing import NONE, RecordAdmin, moment, nowrap, state
from leads.models import Notice
from leads.notify import outbox


class NoticeState(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, _request: HttpRequest, _model_admin: admin.ModelAdmin[Notice]) -> list[tuple[str, str]]:
        return [("waiting", "Waiting"), ("refused", "Refused"), ("sent", "Sent")]

    def queryset(self, _request: HttpRequest, notices: QuerySet[Notice]) -> QuerySet[Notice]:
        narrowed = {
            "waiting": Q(sent_at=None, refused_at=None),
            "refused": Q(refused_at__isnull=False),
            "sent": Q(sent_at__isnull=False),
        }
        return notices.filter(narrowed.get(self.value() or "", Q()))


@admin.register(Notice)
class NoticeAdmin(RecordAdmin[Notice]):
    list_display = ("made", "how", "subject", "recipient", "publisher", "kind", "tries", "said")
    list_filter = (NoticeState, "kind", "publisher")
    list_select_related = ("publisher",)
    search_fields = ("recipient",)
    ordering = ("-id",)
    sortable_by = ()
    actions = ("resend",)
    fields = (
        "publisher",
        "kind",
        "recipient",
        "how",
        "made",
        "ended",
        "next_try",
        "tries",
        "said",
        "subject",
        "text",
    )

    @admin.action(description="Send again", permissions=["operate"])
    def resend(self, request: HttpRequest, chosen: QuerySet[Notice]) -> None:
        outbox.resend(chosen)
        self.message_user(request, "They go out within seconds.", messages.SUCCESS)

    @admin.display(description="written")
    def made(self, notice: Notice) -> SafeString:
        return nowrap(moment(notice.created_at))

    @admin.display(description="state")
    def how(self, notice: Notice) -> SafeString:
        return state(notice.state, "Sent" if notice.sent_at else "")

    @admin.display(description="sent or refused")
    def ended(self, notice: Notice) -> str:
        return moment(notice.ended_at)

    @admin.display(description="next try")
    def next_try(self, notice: Notice) -> str:
        return NONE if notice.ended_at else moment(notice.due_at)

    @admin.display(description="mail server")
    def said(self, notice: Notice) -> str:
        return notice.problem or NONE

    @admin.display(description="text")
    def text(self, notice: Notice) -> SafeString:
        return format_html("<pre>{}</pre>", notice.body)
