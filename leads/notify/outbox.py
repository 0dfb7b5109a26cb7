"""The outbox of mail: what is put here is sent, once for each address and thing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from leads.models import Contact, Notice, Publisher, Trouble
from leads.notify.words import write

KEPT = timedelta(days=30)
"""How long a mail is kept after it has been sent: longer than anything is told of twice, no longer than needed."""


def tell(
    publisher: Publisher,
    kind: Notice.Kind,
    about: str,
    contacts: Iterable[Contact],
    trouble: Trouble | None = None,
    **facts: Any,
) -> None:
    """Put a mail for each contact into the outbox; who has been told of ``about`` before is left alone."""
    told = list(contacts)
    if not told:
        return
    words = write(kind, publisher, **facts)
    now = timezone.now()
    notices = [
        Notice(
            publisher=publisher,
            trouble=trouble,
            kind=kind,
            about=f"{about} to {contact.pk}",
            recipient=contact.email,
            subject=words.subject,
            body=words.body,
            due_at=now,
        )
        for contact in told
    ]
    Notice.objects.bulk_create(notices, ignore_conflicts=True)


def resend(notices: Iterable[Notice]) -> None:
    """Send again: what waits is tried now, what was taken or refused goes out anew, once however often one asks."""
    now = timezone.now()
    for notice in notices:
        if notice.ended_at is None:
            Notice.objects.unended().filter(pk=notice.pk, tries=notice.tries).update(due_at=now)
            continue
        about = f"{notice.about.partition(' again ')[0]} again {notice.ended_at:%Y-%m-%d %H:%M:%S.%f}"
        fields = ("publisher_id", "trouble_id", "kind", "recipient", "subject", "body")
        copy = Notice(about=about, due_at=now, **{field: getattr(notice, field) for field in fields})
        Notice.objects.bulk_create([copy], ignore_conflicts=True)


def forget() -> int:
    """Delete the mails that were sent or refused long ago; return how many."""
    before = timezone.now() - KEPT
    return Notice.objects.filter(Q(sent_at__lt=before) | Q(refused_at__lt=before)).delete()[0]


@contextmanager
def alone(look: str) -> Iterator[bool]:
    """Give a transaction, and whether nobody else takes the same look at this moment."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext(%s))", [f"leads.notify.{look}"])
        [mine] = cursor.fetchone() or [False]
        yield bool(mine)
