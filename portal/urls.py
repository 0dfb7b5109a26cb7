"""Where every address leads. Each family of pages lists its own."""

from __future__ import annotations

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from portal.forms.sign_in import OperatorSignInForm
from portal.views import (
    balance,
    deliveries,
    destinations,
    health,
    leads,
    metrics,
    notifications,
    offers,
    overview,
    replays,
    sign_in,
    storefront,
)

admin.site.login_form = OperatorSignInForm

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", include("portal.api.urls")),
    path("", include(overview.urlpatterns)),
    path("", include(sign_in.urlpatterns)),
    path("balance/", include(balance.urlpatterns)),
    path("offers/", include(offers.urlpatterns)),
    path("destinations/", include(destinations.urlpatterns)),
    path("leads/", include(leads.urlpatterns)),
    path("deliveries/", include(deliveries.urlpatterns)),
    path("deliveries/", include(replays.urlpatterns)),
    path("notifications/", include(notifications.urlpatterns)),
    path("store/", include(storefront.urlpatterns)),
    path("", include(health.urlpatterns)),
    path("", include(metrics.urlpatterns)),
    path("admin/", admin.site.urls),
]
