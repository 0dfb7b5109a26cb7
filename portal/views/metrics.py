"""What Prometheus asks for, in its text format. Read from the database, so that all processes say the same."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from secrets import compare_digest

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import Redis
from redis.exceptions import RedisError

from leads import gauges
from leads.gauges import Gauge

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
PATIENCE = 0.8
"""Seconds the broker has to answer."""
QUEUE = "celery"
"""The list in Redis that wake-up calls wait in."""
HELP = {
    "deliveries": ("state", "Deliveries that are not delivered, by where they stand."),
    "destinations": ("state", "Destinations, by state."),
    "oldest_due_seconds": ("", "How long the oldest delivery has been due at a destination that takes leads."),
    "recent_attempts": ("outcome", "Tries that began in the last five minutes, by how they ended."),
    "mails_waiting": ("", "Mails that the mail server has neither taken nor refused."),
    "replays_open": ("", "Times that leads are being sent again now."),
    "broker_up": ("", "Whether the broker answers."),
    "calls_waiting": ("", "Wake-up calls that no worker has taken yet."),
}
"""Each metric's label and meaning."""


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer whoever names METRICS_TOKEN; where it is not set there is no such page."""
    if not settings.METRICS_TOKEN:
        raise Http404
    given = request.headers.get("Authorization", "").encode()
    if not compare_digest(given, f"Bearer {settings.METRICS_TOKEN}".encode()):
        refused = HttpResponse("Name METRICS_TOKEN as a bearer token.\n", CONTENT_TYPE, HTTPStatus.UNAUTHORIZED)
        refused["WWW-Authenticate"] = "Bearer"
        return refused
    try:
        found = [*gauges.read(), *_broker()]
    except gauges.TooSlow:
        return HttpResponse("The database did not answer in time.\n", CONTENT_TYPE, HTTPStatus.SERVICE_UNAVAILABLE)
    return HttpResponse("".join(_lines(found)), CONTENT_TYPE)


def _broker() -> list[Gauge]:
    try:
        with Redis.from_url(settings.REDIS_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE) as client:
            return [Gauge("calls_waiting", "", float(client.llen(QUEUE))), Gauge("broker_up", "", 1)]
    except RedisError:
        return [Gauge("broker_up", "", 0)]


def _lines(found: list[Gauge]) -> Iterator[str]:
    for name, (label, meaning) in HELP.items():
        yield f"# HELP portal_{name} {meaning}\n# TYPE portal_{name} gauge\n"
        for gauge in found:
            if gauge.name == name:
                # They are states and outcomes of ours: nothing in them needs an escape.
                of = f'{{{label}="{gauge.of}"}}' if label else ""
                yield f"portal_{name}{of} {gauge.value!r}\n"


urlpatterns: list[URLPattern] = [path("metrics", metrics, name="metrics")]
