"""Publishers, their members, and the keys of machines."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString

from leads import keys
from leads.admin.showing import ModelAdmin, TabularInline, moment, state
from leads.models import ApiKey, Member, Publisher


class MemberInline(TabularInline[Member, Publisher]):
    model = Member
    extra = 0
    autocomplete_fields = ("user",)


@admin.register(Publisher)
class PublisherAdmin(ModelAdmin[Publisher]):
    list_display = ("name", "slug", "created")
    search_fields = ("name", "slug")
    ordering = ("name",)
    inlines = (MemberInline,)

    def get_readonly_fields(self, _request: HttpRequest, row: Publisher | None = None) -> tuple[str, ...]:
        # Leads out in the world carry the id.
        return ("slug",) if row else ()

    def has_delete_permission(self, _request: HttpRequest, _row: Publisher | None = None) -> bool:
        return False

    @admin.display(description="since", ordering="created_at")
    def created(self, publisher: Publisher) -> str:
        return moment(publisher.created_at)


@admin.register(Member)
class MemberAdmin(ModelAdmin[Member]):
    list_display = ("user", "publisher", "role")
    list_filter = ("role", "publisher")
    show_facets = admin.ShowFacets.NEVER
    list_select_related = ("user", "publisher")
    search_fields = ("user__username", "publisher__name")
    autocomplete_fields = ("user", "publisher")


@admin.register(ApiKey)
class ApiKeyAdmin(ModelAdmin[ApiKey]):
    list_display = ("name", "whose", "begins", "standing", "created", "revoked")
    list_filter = ("publisher",)
    list_select_related = ("publisher",)
    show_facets = admin.ShowFacets.NEVER
    search_fields = ("name", "start")
    ordering = ("-created_at",)
    actions = ("revoke",)
    fields = ("name", "publisher")

    def has_change_permission(self, _request: HttpRequest, _row: ApiKey | None = None) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _row: ApiKey | None = None) -> bool:
        return False

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("leads.change_apikey")

    def save_model(self, _request: HttpRequest, row: ApiKey, _form: forms.ModelForm[ApiKey], change: bool) -> None:  # noqa: FBT001 - Django's signature
        del change
        key, text = keys.issue(row.name, row.publisher)
        vars(row).update(vars(key), text=text)

    def response_add(self, request: HttpRequest, row: ApiKey, _post_url_continue: str | None = None) -> HttpResponse:
        """Show the key's text, this once: it is stored nowhere, and a redirect would have to carry it."""
        context: dict[str, Any] = self.admin_site.each_context(request) | {
            "title": "Key issued",
            "opts": self.opts,
            "key": row,
            "text": vars(row).pop("text"),
        }
        return TemplateResponse(request, "admin/leads/apikey/issued.html", context)

    @admin.action(description="Revoke", permissions=["operate"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[ApiKey]) -> None:
        ended = chosen.filter(revoked_at=None)
        for key in ended:
            keys.revoke(key)
        self.message_user(request, "Revoked. Requests with such a key are refused from now on.", messages.SUCCESS)

    @admin.display(description="for")
    def whose(self, key: ApiKey) -> str:
        return str(key.publisher or "The marketplace: sending leads")

    @admin.display(description="begins with")
    def begins(self, key: ApiKey) -> str:
        return f"{key.start}…"

    @admin.display(description="state")
    def standing(self, key: ApiKey) -> SafeString:
        return state("paused", "Revoked") if key.revoked_at else state("active", "In use")

    @admin.display(description="issued", ordering="created_at")
    def created(self, key: ApiKey) -> str:
        return moment(key.created_at)

    @admin.display(description="revoked", ordering="revoked_at")
    def revoked(self, key: ApiKey) -> str:
        return moment(key.revoked_at)
