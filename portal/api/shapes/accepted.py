"""What is answered to a lead that was sent."""

from __future__ import annotations

from typing import Self
from uuid import UUID

from pydantic import Field

from leads.intake import Received
from leads.taxonomy import Stage
from portal.api.shapes.common import BrokenRule, StageName, Wire


class AcceptedOut(Wire):
    """The lead is stored and will be delivered."""

    lead_id: UUID
    stage: StageName | None
    deliveries: int = Field(description="How many destinations it goes to.")

    @classmethod
    def of(cls, received: Received) -> Self:
        return cls(lead_id=received.lead_id, stage=stage_name(received.stage), deliveries=received.deliveries)


class LineOut(Wire):
    """What became of one line of a batch: the answer the lead would have had alone."""

    line: int
    status: int
    lead_id: UUID | None = None
    stage: StageName | None = None
    deliveries: int | None = None
    errors: list[BrokenRule] | None = None


def stage_name(stage: int | None) -> StageName | None:
    """Write a stage in words; None for an act without one."""
    return None if stage is None else Stage(stage).label  # type: ignore[return-value] # the labels are these words
