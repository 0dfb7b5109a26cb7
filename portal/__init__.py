"""The site: configuration, pages, public API."""

from __future__ import annotations

from portal.celery import app as celery_app

__all__ = ["celery_app"]
