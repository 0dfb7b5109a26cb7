"""Pages: destinations."""

from __future__ import annotations

from django.urls import URLPattern, path

from portal.views.destinations import acts, mapping, pages, settings, trial

urlpatterns: list[URLPattern] = [
    path("", pages.destinations, name="destinations"),
    path("new/", pages.choose, name="destination-choose"),
    path("new/<slug:slug>/", settings.connect, name="destination-connect"),
    path("<int:pk>/", pages.destination, name="destination"),
    path("<int:pk>/edit/", settings.edit, name="destination-edit"),
    path("<int:pk>/mapping/", mapping.mapping, name="destination-mapping"),
    path("<int:pk>/mapping/refresh/", mapping.refresh, name="destination-mapping-refresh"),
    path("<int:pk>/versions/<int:number>/revert/", settings.revert, name="destination-revert"),
    path("<int:pk>/check/", trial.check, name="destination-check"),
    path("<int:pk>/rungs/", trial.rungs, name="destination-rungs"),
    path("<int:pk>/test-lead/", trial.send_test_lead, name="destination-test-lead"),
    path("<int:pk>/test-lead/<uuid:lead_id>/", trial.test_lead, name="destination-test"),
    path("<int:pk>/rotate/", acts.rotate, name="destination-rotate"),
    path("<int:pk>/pause/", acts.pause, name="destination-pause"),
    path("<int:pk>/resume/", acts.resume, name="destination-resume"),
    path("<int:pk>/prove-daily/", acts.prove_daily, name="destination-prove-daily"),
    path("<int:pk>/remove/", acts.remove, name="destination-remove"),
]
