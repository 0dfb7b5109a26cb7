"""The public API."""

from __future__ import annotations

from ninja import NinjaAPI

api = NinjaAPI(title="Publisher Portal", version="1", urls_namespace="api")
