"""The addresses of the API: version 1, and its documentation."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path

from portal.api import deliveries, destinations, funnel, handlers, leads, offers, replays
from portal.api.openapi import ABOUT, JsonRenderer, PortalAPI

api = PortalAPI(
    title="Publisher Portal",
    version="1",
    description=ABOUT,
    docs_url=None,
    urls_namespace="api",
    renderer=JsonRenderer(),
)
handlers.register(api)
api.add_router("leads", leads.router)
api.add_router("offers", offers.router)
api.add_router("destinations", destinations.router)
api.add_router("deliveries", deliveries.router)
api.add_router("replays", replays.router)
api.add_router("", funnel.router)


def docs(request: HttpRequest) -> HttpResponse:
    """Show the documentation."""
    return api.docs.render_page(request, api)


urlpatterns: list[URLPattern | URLResolver] = [
    path("docs", docs, name="api-docs"),
    path("v1/", api.urls),
]
