"""Wake-up calls: each makes one call into a module of the domain. Arguments are ids, never data.

``**_`` lets an old worker take a message of a newer portal.
"""

from __future__ import annotations

from typing import Any

from celery import shared_task

from leads import audit, canary, delivery, landing, publishing, replay, retention, sweep
from leads.notify import digest, expiry, mail, new_leads, outbox, silence, troubles


@shared_task(name="leads.drain")
def drain(*, destination_id: int, **_: Any) -> None:
    delivery.drain(destination_id, linger=True)


@shared_task(name="leads.publish")
def publish(*, publication_id: int, **_: Any) -> None:
    publishing.advance(publication_id)


@shared_task(name="leads.replay")
def replay_on(*, replay_id: int, **_: Any) -> None:
    replay.advance(replay_id)


@shared_task(name="leads.sweep")
def sweep_all(**_: Any) -> None:
    sweep.sweep()


@shared_task(name="leads.mail")
def send_mail(**_: Any) -> None:
    mail.send_due()


@shared_task(name="leads.troubles")
def tell_of_troubles(**_: Any) -> None:
    troubles.look()


@shared_task(name="leads.new_leads")
def tell_of_new_leads(**_: Any) -> None:
    new_leads.look()


@shared_task(name="leads.silence")
def tell_of_silence(**_: Any) -> None:
    silence.look()


@shared_task(name="leads.expiry")
def tell_of_expiry(**_: Any) -> None:
    expiry.look()


@shared_task(name="leads.digest")
def tell_of_the_day(**_: Any) -> None:
    digest.look()


@shared_task(name="leads.forget_mail")
def forget_mail(**_: Any) -> None:
    outbox.forget()


@shared_task(name="leads.audit")
def audit_books(**_: Any) -> None:
    audit.examine_all()


@shared_task(name="leads.landings")
def ask_for_landings(**_: Any) -> None:
    landing.look()


@shared_task(name="leads.read_back")
def read_back(*, destination_id: int, **_: Any) -> None:
    landing.read_back(destination_id)


@shared_task(name="leads.canaries")
def prove(**_: Any) -> None:
    canary.look()


@shared_task(name="leads.prune")
def prune(**_: Any) -> None:
    retention.look()
