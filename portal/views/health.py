"""Whether the process lives, and whether it can work: for load balancers and container platforms."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from http import HTTPStatus

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.urls import URLPattern, path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import Redis

PATIENCE = 0.8
"""Seconds the parts have to answer, so that the whole answers within one."""

# Few threads: a part that hangs may block these, and a probe that finds none free says "not ready", which is true.
_probes = ThreadPoolExecutor(max_workers=4, thread_name_prefix="readyz")


@never_cache
@require_safe
def alive(request: HttpRequest) -> JsonResponse:
    """Answer without asking anybody."""
    del request
    return JsonResponse({"status": "alive"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 when database and broker do, else 503 with the names of those that do not."""
    del request
    asked = {name: _probes.submit(ask) for name, ask in PARTS.items()}
    wait(asked.values(), timeout=PATIENCE)
    missing = [name for name, answer in asked.items() if not _answered(answer)]
    status = HTTPStatus.SERVICE_UNAVAILABLE if missing else HTTPStatus.OK
    return JsonResponse({"status": "not ready" if missing else "ready", "not_ready": missing}, status=status)


def _answered(answer: Future[None]) -> bool:
    answer.cancel()
    return answer.done() and not answer.cancelled() and answer.exception() is None


def _ask_database() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        connection.close()


def _ask_broker() -> None:
    with Redis.from_url(settings.REDIS_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE) as client:
        client.ping()


PARTS: dict[str, Callable[[], None]] = {"database": _ask_database, "broker": _ask_broker}

urlpatterns: list[URLPattern] = [
    path("healthz", alive, name="healthz"),
    path("readyz", ready, name="readyz"),
]
