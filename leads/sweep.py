"""What runs whether or not anybody calls: whatever the broker lost, the database still knows."""

from __future__ import annotations

from django.db.models import Exists, OuterRef
from django.utils import timezone

from leads import claims, publishing, replay, wake
from leads.models import Delivery, Destination


def sweep() -> int:
    """Take back dead workers' claims and wake all that has something due; return how many were woken."""
    now = timezone.now()
    claims.recover(now)
    waiting = Delivery.objects.filter(destination=OuterRef("pk"), state=Delivery.State.WAITING, due_at__lte=now)
    due = list(Destination.objects.ready(now).filter(Exists(waiting)).values_list("pk", flat=True))
    wake.insist(due)
    publishing.wake_unfinished(now)
    replay.wake_unfinished()
    return len(due)
