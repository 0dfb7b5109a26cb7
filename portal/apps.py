"""The site as a Django app."""

from __future__ import annotations

from django.apps import AppConfig

from portal import checks  # noqa: F401 - they register themselves


class PortalConfig(AppConfig):
    name = "portal"
