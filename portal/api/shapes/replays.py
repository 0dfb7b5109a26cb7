"""Sending again: what is asked for, what would happen, how far it is."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from leads.models import Replay
from leads.progress import progress
from leads.replay import Plan
from portal.api.shapes.common import Listing, Sendable
from portal.api.shapes.queries import DeliveryWords


class ReplayFilterIn(Sendable, DeliveryWords):
    """Which deliveries; several words narrow it together."""


class ReplayIn(Sendable):
    """What to send again. Without a dry run, an empty filter needs ``"all": true``."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"filter": {"state": "rejected"}, "dry_run": True}]})

    filter: ReplayFilterIn
    dry_run: bool = Field(default=False, description="Only count.")
    all: bool = Field(default=False, description="Confirms an empty filter.")


class ReplayOut(BaseModel):
    """What a replay would send, or begins to."""

    replay: int | None = Field(description="Its id; null after a dry run, or where there is nothing to send again.")
    count: int = Field(description="How many are sent again; exact once the replay is no longer `choosing`.")
    may_double: int = Field(description="How many of them might land a second time.")
    first: int = Field(description="How many go first, one for each destination; the rest follow when these land.")
    dry_run: bool

    @classmethod
    def planned(cls, plan: Plan) -> Self:
        return cls(replay=None, count=plan.count, may_double=plan.may_double, first=plan.canaries, dry_run=True)

    @classmethod
    def begun(cls, replay: Replay | None) -> Self:
        if replay is None:
            return cls(replay=None, count=0, may_double=0, first=0, dry_run=False)
        first = replay.deliveries.filter(put_back_at__isnull=False).count()
        return cls(replay=replay.pk, count=replay.total, may_double=replay.may_double, first=first, dry_run=False)


class ReplayProgressOut(BaseModel):
    """How far a replay has come. The five numbers after ``count`` add up to it."""

    id: int
    state: Literal["choosing", "canary", "running", "done", "stopped"]
    filter: dict[str, Any]
    count: int
    landed: int
    failed: int = Field(description="Met a failure once more.")
    on_its_way: int = Field(description="In line, or being sent.")
    parked: int = Field(description="As they were, until their turn comes.")
    kept: int = Field(description="Left as they were, after a failure or because somebody stopped it.")
    may_double: int
    sentence: str
    started_by: str | None
    started_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, replay: Replay) -> Self:
        """Show a replay; needs who started it loaded."""
        far = progress(replay)
        return cls.model_validate(
            {
                "id": replay.pk,
                "filter": replay.filters,
                "count": far.total,
                "started_by": replay.started_by and replay.started_by.get_username(),
                **{name: getattr(far, name) for name in ("landed", "failed", "on_its_way", "parked", "kept")},
                **{name: getattr(replay, name) for name in ("state", "may_double", "sentence")},
                **{name: getattr(replay, name) for name in ("started_at", "finished_at")},
            }
        )


class ReplayListing(Listing[ReplayProgressOut]):
    """Replays, newest first."""
