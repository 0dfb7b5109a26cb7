"""The worker's application: wake-up calls only, so nothing here keeps a result or retries."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    # A hanging broker must not hang intake: a wake-up that does not go out in a moment is left to the sweep.
    broker_transport_options={"socket_connect_timeout": 1, "socket_timeout": 1},
    broker_connection_retry_on_startup=True,
    task_publish_retry=False,
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    worker_prefetch_multiplier=1,
    worker_send_task_events=False,
    worker_hijack_root_logger=False,
    timezone="UTC",
    beat_schedule={"sweep": {"task": "leads.sweep", "schedule": 10.0, "options": {"expires": 10.0}}},
)
app.autodiscover_tasks()
