"""Deliveries, their attempts, and sending them again."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from leads.models import Attempt, Delivery
from leads.replay import Replay
from leads.why import why
from portal.api.shapes.common import Listing, Sendable
from portal.api.shapes.queries import DeliveryWords


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
    attempts: list[AttemptOut]


class ReplayFilterIn(Sendable, DeliveryWords):
    """Which deliveries; several words narrow it together."""


class ReplayIn(Sendable):
    """What to send again. Without a dry run, an empty filter needs ``"all": true``."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"filter": {"state": "rejected"}, "dry_run": True}]})

    filter: ReplayFilterIn
    dry_run: bool = Field(default=False, description="Only count.")
    all: bool = Field(default=False, description="Confirms an empty filter.")


class ReplayOut(BaseModel):
    count: int = Field(description="How many would be, or were, put in line.")
    may_double: int = Field(description="How many of them might land a second time.")
    dry_run: bool

    @classmethod
    def of(cls, replay: Replay, *, dry_run: bool) -> Self:
        return cls(count=replay.count, may_double=replay.may_double, dry_run=dry_run)
