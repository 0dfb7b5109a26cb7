"""Sending what is in the outbox of mail: at least once, and once as long as no worker dies with a mail in hand.

A notice always has the same Message-ID, by which a mail server can drop what it has got before.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from enum import Enum, auto
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPResponseException
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils import timezone

from leads.models import Notice

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
"""How long a worker may have a mail in hand; far longer than a mail server that hangs is waited for."""
LONGEST_RUN = timedelta(minutes=1)
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(minutes=10)
PATIENCE = timedelta(days=5)
"""How long an address that is put off again and again is tried, as RFC 5321 (4.5.4.1) asks."""
PERMANENT = 500
"""SMTP's answers from here on do not change by themselves."""


class Verdict(Enum):
    TAKEN = auto()
    REFUSED = auto()
    PUT_OFF = auto()
    AWAY = auto()
    """The server took nothing from us: that says nothing about this mail."""


class Answer(NamedTuple):
    verdict: Verdict
    said: str = ""


def send_due() -> int:
    """Hand over what is due, until nothing is left or the mail server is away; return how many it took."""
    taken, end, server = 0, timezone.now() + LONGEST_RUN, get_connection()
    try:
        while (now := timezone.now()) < end and (notice := _claim(now)):
            answer = _hand_over(notice, server)
            _record(notice, answer)
            if answer.verdict is Verdict.AWAY:
                break
            taken += answer.verdict is Verdict.TAKEN
    finally:
        server.close()
    return taken


@transaction.atomic
def _claim(now: datetime) -> Notice | None:
    due = Notice.objects.unended().filter(due_at__lte=now).order_by("due_at", "id")
    notice = due.select_for_update(skip_locked=True).first()
    if notice is not None:
        notice.tries += 1
        notice.due_at = now + LEASE
        notice.save(update_fields=["tries", "due_at"])
    return notice


def _hand_over(notice: Notice, server: BaseEmailBackend) -> Answer:
    try:
        server.open()
        _message(notice, server).send()
    except SMTPRecipientsRefused as error:
        [(code, words)] = error.recipients.values()
        return _judge(code, words)
    except SMTPDataError as error:
        return _judge(error.smtp_code, error.smtp_error)
    except OSError as error:  # every other error of SMTP is one too
        said = f"{type(error).__name__} {error.smtp_code if isinstance(error, SMTPResponseException) else ''}".strip()
        logger.warning("The mail server is away (%s). Mails wait, none is lost.", said)
        return Answer(Verdict.AWAY, f"The mail server is away ({said}).")
    return Answer(Verdict.TAKEN)


def _message(notice: Notice, server: BaseEmailBackend) -> EmailMessage:
    host = urlsplit(settings.BASE_URL).hostname
    headers = {
        "Message-ID": f"<notice.{notice.pk}.{notice.created_at:%Y%m%d%H%M%S}@{host}>",
        "Auto-Submitted": "auto-generated",
    }
    return EmailMessage(notice.subject, notice.body, to=[notice.recipient], headers=headers, connection=server)


def _judge(code: int, words: bytes | str) -> Answer:
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    verdict = Verdict.REFUSED if code >= PERMANENT else Verdict.PUT_OFF
    return Answer(verdict, f"{code} {' '.join(text.split())}")


def _record(notice: Notice, answer: Answer) -> None:
    # A worker that was too slow names an older try than the one that counts, and changes nothing.
    mine = Notice.objects.unended().filter(pk=notice.pk, tries=notice.tries)
    mine.update(problem=answer.said[:300], **_ending(notice, answer.verdict, timezone.now()))


def _ending(notice: Notice, verdict: Verdict, now: datetime) -> dict[str, Any]:
    if verdict is Verdict.TAKEN:
        return {"sent_at": now}
    put_off_for_good = verdict is Verdict.PUT_OFF and now - notice.created_at > PATIENCE
    if verdict is Verdict.REFUSED or put_off_for_good:
        return {"refused_at": now}
    return {"due_at": now + min(FIRST_WAIT * 2 ** min(notice.tries - 1, 16), LONGEST_WAIT)}
