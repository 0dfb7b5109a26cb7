"""What is dropped in time: the texts that targets answered. That there was an answer, and which, stays."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from leads.models import Attempt

BATCH = 5_000
"""Answers dropped in one statement, so that nobody waits long for a lock."""
MOST = 400
"""Batches in one run; what is left is for the next."""


def look() -> int:
    """Drop the answers that are older than ANSWERS_KEPT_DAYS; return how many."""
    dropped = 0
    for _ in range(MOST):
        batch = _drop()
        dropped += batch
        if batch < BATCH:
            break
    return dropped


def _drop() -> int:
    before = timezone.now() - timedelta(days=settings.ANSWERS_KEPT_DAYS)
    old = Attempt.objects.filter(started_at__lt=before).exclude(answer="").order_by("started_at")[:BATCH]
    return Attempt.objects.filter(pk__in=old.values("pk")).update(answer="")


def dropped(attempt: Attempt) -> bool:
    """Tell whether an attempt is so old that an answer it had would have been dropped."""
    return attempt.started_at < timezone.now() - timedelta(days=settings.ANSWERS_KEPT_DAYS)
