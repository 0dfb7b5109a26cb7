"""Failure groups: what does not land, by destination and cause."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal, Self

from pydantic import BaseModel, Field

from leads.failures import Group
from leads.failures_evidence import Change


class ChangeOut(BaseModel):
    """Settings saved within the hour before the first failure. Secrets are named, never shown."""

    version: int
    saved_at: datetime
    saved_by: str
    fields: list[str]

    @classmethod
    def of(cls, change: Change) -> Self:
        return cls(version=change.number, saved_at=change.at, saved_by=change.by, fields=change.what)


class GroupOut(BaseModel):
    """One cause at one destination. `destination` and `cause` make the filter that finds or replays it."""

    destination: int
    destination_name: str
    cause: str
    state: str
    count: int
    waiting: int = Field(description="How many of them go on by themselves, or with their destination.")
    may_double: int = Field(description="How many of them might land a second time if they are sent again.")
    first_at: datetime
    last_at: datetime
    offers: list[str]
    sentence: str
    who: Literal["publisher", "target", "marketplace"] = Field(description="Who must act.")
    fix: str
    changed_before: ChangeOut | None
    secret_ended_on: date | None

    @classmethod
    def of(cls, group: Group) -> Self:
        same = ("cause", "state", "count", "may_double", "first_at", "last_at", "sentence", "who", "fix")
        return cls.model_validate(
            {
                "destination": group.destination.pk,
                "destination_name": group.destination.name,
                "waiting": group.open,
                "offers": [offer.full_id for offer in group.offers],
                "changed_before": group.change and ChangeOut.of(group.change),
                "secret_ended_on": group.secret_ended_on,
                **{name: getattr(group, name) for name in same},
            }
        )


class GroupListing(BaseModel):
    """Failure groups, the largest first; a hundred at most."""

    items: list[GroupOut]
