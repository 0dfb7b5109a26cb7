"""Deliveries, their attempts, and sending them again."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, Field

from leads.models import Attempt, Delivery
from leads.why import why
from portal.api.shapes.common import Listing


class DeliveryOut(BaseModel):
    """One lead on its way to one destination. ``tries`` counts those that were spent."""

    id: int
    lead_id: UUID
    offer: str | None
    destination: int
    destination_name: str
    state: str
    why: str
    cause: str
    sentence: str
    tries: int
    due_at: datetime
    created_at: datetime
    finished_at: datetime | None
    landing: str = Field(description="What looking for it there has shown: landed, merged, missing, unprovable.")
    landing_checked_at: datetime | None
    remote_id: str
    remote_url: str

    @classmethod
    def of(cls, delivery: Delivery, **more: Any) -> Self:
        """Show a delivery; needs destination, offer and its publisher loaded."""
        told = {
            "id": delivery.pk,
            "offer": delivery.offer and delivery.offer.full_id,
            "destination": delivery.destination_id,
            "destination_name": delivery.destination.name,
            "why": why(delivery),
            "tries": delivery.attempts,
        } | more
        return cls.model_validate(
            told | {name: getattr(delivery, name) for name in cls.model_fields.keys() - told.keys()}
        )


class DeliveryListing(Listing[DeliveryOut]):
    """Deliveries, newest first."""


class AttemptOut(BaseModel):
    """One try. ``status`` and ``answer`` are the target's; ``fix`` says what to do, ``who`` whose it is to do."""

    number: int
    outcome: str
    cause: str
    sentence: str
    fix: str
    who: str
    status: int | None
    answer: str
    started_at: datetime
    seconds: float

    @classmethod
    def of(cls, attempt: Attempt) -> Self:
        return cls.model_validate({name: getattr(attempt, name) for name in cls.model_fields})


class DeliveryWithAttemptsOut(DeliveryOut):
    next: str
    """What comes next, and when, and what would change it."""
    attempts: list[AttemptOut]
