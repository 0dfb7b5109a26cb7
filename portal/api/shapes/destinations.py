"""Destinations as they are shown, without their secrets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field

from connectors.base import Check
from leads.models import Destination
from portal.api.connecting import shown_config
from portal.api.shapes.common import Listing, Wire


class Counts(BaseModel):
    """Deliveries by state. ``stopped`` is what may need somebody: refused, uncertain and given up."""

    waiting: int = 0
    sending: int = 0
    delivered: int = 0
    rejected: int = 0
    uncertain: int = 0
    gave_up: int = 0
    withheld: int = 0
    stopped: int = 0

    @classmethod
    def of(cls, by_state: Mapping[str, int]) -> Self:
        return cls(**by_state, stopped=sum(by_state.get(state, 0) for state in ("rejected", "uncertain", "gave_up")))


class LandingsOut(BaseModel):
    """What looking for delivered leads in the target has shown."""

    landed: int = 0
    merged: int = 0
    missing: int = 0
    unprovable: int = 0


class RungOut(BaseModel):
    """One rung of the check. ``passed`` is null for one that was not reached."""

    name: str
    passed: bool | None
    sentence: str
    fix: str
    seconds: float | None

    @classmethod
    def of(cls, check: Check) -> Self:
        return cls(name=check.name, passed=check.passed, sentence=check.sentence, fix=check.fix, seconds=check.seconds)


class DestinationOut(BaseModel):
    id: int
    name: str
    connector: str
    state: Literal["active", "resting", "held", "paused"]
    problem: str
    problem_fix: str
    problem_who: str
    problem_cause: str
    problem_since: datetime | None
    resume_at: datetime | None
    secret_expires_on: date | None
    config: dict[str, Any]
    mapping: dict[str, str]
    last_check: list[RungOut] | None
    checked_at: datetime | None
    canary: bool
    proved_at: datetime | None = Field(description="When the last daily test lead landed.")
    created_at: datetime
    counts: Counts
    landings: LandingsOut

    @classmethod
    def of(
        cls,
        destination: Destination,
        by_state: Mapping[str, int],
        found: Mapping[str, int] | None = None,
        **issued: Any,
    ) -> Self:
        """Show a destination, how many deliveries it has in each state, and how many were found there."""
        counted = {"counts": Counts.of(by_state), "landings": LandingsOut(**(found or {}))}
        other = {"id": destination.pk, "config": shown_config(destination)} | counted | issued
        same = cls.model_fields.keys() - other.keys()
        return cls.model_validate({name: getattr(destination, name) for name in same} | other)


class ConnectedOut(DestinationOut):
    """A destination just connected, with what the portal issued for it, which is shown this once."""

    signing_secret: str | None = Field(None, description="Verifies what we send; see standardwebhooks.com.")


class DestinationListing(Listing[DestinationOut]):
    """Destinations, newest first."""


class CheckOut(BaseModel):
    passed: bool
    rungs: list[RungOut]

    @classmethod
    def of(cls, checks: list[Check]) -> Self:
        return cls(passed=all(check.passed for check in checks), rungs=[RungOut.of(check) for check in checks])


class TestLeadOut(Wire):
    lead_id: UUID


class SecretOut(BaseModel):
    signing_secret: str = Field(description="The new one. The old one goes on signing beside it for a while.")
