"""Where every address leads. Each family of pages lists its own."""

from __future__ import annotations

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from portal.views import (
    balance,
    deliveries,
    destinations,
    health,
    leads,
    notifications,
    offers,
    overview,
    replays,
    sign_in,
    storefront,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include((overview.urlpatterns, None))),
    path("", include((sign_in.urlpatterns, None))),
    path("balance/", include((balance.urlpatterns, None))),
    path("offers/", include((offers.urlpatterns, None))),
    path("destinations/", include((destinations.urlpatterns, None))),
    path("leads/", include((leads.urlpatterns, None))),
    path("deliveries/", include((deliveries.urlpatterns, None))),
    path("deliveries/", include((replays.urlpatterns, None))),
    path("notifications/", include((notifications.urlpatterns, None))),
    path("store/", include((storefront.urlpatterns, None))),
    path("", include((health.urlpatterns, None))),
    path("api/", include("portal.api.urls")),
    path("admin/", admin.site.urls),
]
