"""What the operator's pages share: rows that are only read, lists that do not count, words for states and times."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Model
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

RowT = TypeVar("RowT", bound=Model)
ParentT = TypeVar("ParentT", bound=Model)
NONE = "\N{EN DASH}"
MOST = 1_000
"""Rows a list leads to; whoever looks for older ones narrows it by a filter."""

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin
    TabularInline = admin.TabularInline
    Pages = Paginator
else:
    # Django's classes, made generic as its type stubs have them.

    class ModelAdmin(admin.ModelAdmin):
        def __class_getitem__(cls, _types: object) -> type:
            return cls

    class TabularInline(admin.TabularInline):
        def __class_getitem__(cls, _types: object) -> type:
            return cls

    class Pages(Paginator):
        def __class_getitem__(cls, _types: object) -> type:
            return cls


class Uncounted(Pages[RowT]):
    """Pages through the first rows of a list and counts no further."""

    @cached_property
    def count(self) -> int:
        return len(self.object_list.values("pk")[: MOST + 1])  # type: ignore[attr-defined] # a queryset, in the admin


class ReadOnly:
    """Rows that nobody adds, changes or deletes here."""

    def has_add_permission(self, _request: HttpRequest, _row: Any = None) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _row: Any = None) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _row: Any = None) -> bool:
        return False


class RecordAdmin(ReadOnly, ModelAdmin[RowT]):
    """A table of record: looked at, searched and acted on, never edited."""

    paginator = Uncounted
    show_full_result_count = False
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    view_on_site = False

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Tell who may act on the rows: whom an operator lets change such rows."""
        return request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}")


class RecordInline(ReadOnly, TabularInline[RowT, ParentT]):
    """Rows of record below the row they belong to."""

    extra = 0
    can_delete = False
    show_change_link = False


def state(value: str, word: str = "") -> SafeString:
    """Show a state as word, colour and shape, as the portal does."""
    return render_to_string("admin/parts/state.html", {"value": value, "word": word})


def moment(at: datetime | None) -> str:
    """Write a time in UTC to the minute; a dash for none."""
    return date_format(timezone.localtime(at), "j M Y, H:i") if at else NONE


def under(first: object, second: object) -> SafeString:
    """Set a quiet second line under the first."""
    return format_html('{}<br><span class="quiet">{}</span>', first, second)


def nowrap(text: str) -> SafeString:
    """Keep a short text on one line."""
    return format_html('<span class="nowrap">{}</span>', text)
