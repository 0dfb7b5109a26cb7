"""The worker's application: wake-up calls only, so nothing here keeps a result or retries."""

from __future__ import annotations

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

EVERY = {
    "sweep": 10.0,
    "mail": 10.0,
    "troubles": 20.0,
    "new_leads": 20.0,
    "canaries": 600.0,
    "digest": 600.0,
    "silence": 900.0,
    "expiry": 3_600.0,
    "forget_mail": 3_600.0,
}
"""Seconds between the calls of each periodic task."""
NIGHTLY = {
    "audit": crontab(hour=2, minute=10),
    "landings": crontab(hour=2, minute=40),
    "prune": crontab(hour=3, minute=10),
}
"""When, in UTC, what is called once a day."""
DAY = 86_400.0

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    # A hanging broker must not hang intake: a wake-up that does not go out in a moment is left to the sweep.
    broker_transport_options={"socket_connect_timeout": 1, "socket_timeout": 1},
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,  # however long it is away, workers wait for it
    task_publish_retry=False,
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    worker_prefetch_multiplier=1,
    worker_send_task_events=False,
    worker_hijack_root_logger=False,
    timezone="UTC",
    # What nobody has heard when the next one comes is dropped.
    beat_schedule={
        task: {"task": f"leads.{task}", "schedule": seconds, "options": {"expires": seconds}}
        for task, seconds in EVERY.items()
    }
    | {task: {"task": f"leads.{task}", "schedule": at, "options": {"expires": DAY}} for task, at in NIGHTLY.items()},
)
app.autodiscover_tasks()
