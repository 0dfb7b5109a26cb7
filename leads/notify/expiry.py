"""Secrets that end soon, where somebody has said when."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from leads.models import Destination, Notice
from leads.notify import contacts
from leads.notify.outbox import tell

STEPS = (1, 7, 14)
"""Days before the end at which it is told."""
AFTER = timedelta(days=7)
"""How long after the end it is still told to who has not heard."""


def look() -> None:
    """Tell of secrets that end in 14, 7 or 1 days; only the last of these where the day was set late."""
    today = timezone.now().date()
    soon = (today - AFTER, today + timedelta(days=max(STEPS)))
    for destination in Destination.objects.filter(secret_expires_on__range=soon).select_related("publisher"):
        ends_on = destination.secret_expires_on
        assert ends_on is not None  # noqa: S101 - it is in the range
        left = (ends_on - today).days
        step = next(step for step in STEPS if left <= step)
        about = f"secret {destination.pk} {ends_on} {step}"
        whom = contacts.of_problems(destination.publisher)
        tell(destination.publisher, Notice.Kind.SECRET, about, whom, destination=destination, left=left)
