"""The operator's pages: one module for each family."""

from __future__ import annotations

from django.contrib import admin

from leads.admin import deliveries as deliveries
from leads.admin import destinations as destinations
from leads.admin import exports as exports
from leads.admin import leads as leads
from leads.admin import notices as notices
from leads.admin import offers as offers
from leads.admin import publishers as publishers
from leads.admin import replays as replays

admin.site.site_header = admin.site.site_title = "Publisher Portal"
admin.site.site_url = None
admin.site.enable_nav_sidebar = False
