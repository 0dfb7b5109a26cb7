"""What the web server loads."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from portal import collector

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
application = get_wsgi_application()
# Else the first to ask would wait until all pages are loaded.
get_resolver().url_patterns  # noqa: B018
collector.spare_what_is_loaded()
