"""Exports: who took leads out, when, and which."""

from __future__ import annotations

from django.contrib import admin

from leads.admin.showing import NONE, RecordAdmin, moment
from leads.models import Export


@admin.register(Export)
class ExportAdmin(RecordAdmin[Export]):
    list_display = ("made", "made_by", "whose", "which", "rows")
    list_filter = ("publisher", "made_by")
    list_select_related = ("made_by", "publisher")
    ordering = ("-made_at",)
    fields = ("made", "made_by", "whose", "which", "rows")

    @admin.display(description="made")
    def made(self, export: Export) -> str:
        return moment(export.made_at)

    @admin.display(description="publisher")
    def whose(self, export: Export) -> str:
        return str(export.publisher or "all")

    @admin.display(description="filter")
    def which(self, export: Export) -> str:
        return ", ".join(f"{name} = {value}" for name, value in export.filters.items()) or NONE
