"""Wake-up calls: each makes one call into a module of the domain. Arguments are ids, never data.

``**_`` lets an old worker take a message of a newer portal.
"""

from __future__ import annotations

from typing import Any

from celery import shared_task

from leads import delivery, publishing, sweep


@shared_task(name="leads.drain")
def drain(*, destination_id: int, **_: Any) -> None:
    delivery.drain(destination_id)


@shared_task(name="leads.publish")
def publish(*, publication_id: int, **_: Any) -> None:
    publishing.advance(publication_id)


@shared_task(name="leads.sweep")
def sweep_all(**_: Any) -> None:
    sweep.sweep()
