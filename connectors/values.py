"""What goes into a connector and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadPayload:
    """One lead as a connector sees it. Text fields are as the customer sent them, ``""`` where missing."""

    id: str
    offer_id: str
    offer_title: str
    source: str
    action: str
    received_at: datetime
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""
    country: str = ""
    company: str = ""
    title: str = ""
    description: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
    do_not_contact: bool = False
    is_test: bool = False
    is_preview: bool = False

    @property
    def lead_source(self) -> str:
        """Write the lead source the marketplace's way: ``Source-Action|Offer``."""
        return f"{self.source}-{self.action}|{self.offer_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The target took the lead. ``duplicate`` means it already had it, which is a success too."""

    outcome: Literal["created", "updated", "duplicate"] = "created"
    status: int | None = None
    answer: str = ""
    remote_id: str = ""
    remote_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One rung of "Check connection". ``passed`` is None for a rung that was not reached."""

    name: str
    passed: bool | None
    sentence: str = ""
    fix: str = ""
    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A request as it would be sent, secrets masked."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetField:
    """A field of the target that a lead field or a constant can be mapped to.

    ``kind`` is text, email, phone, number, boolean, date, choice or reference. ``restricted``: no value but one of
    ``choices`` is taken. ``unique``: no two records have the same value.
    """

    name: str
    label: str
    required: bool = False
    max_length: int | None = None
    choices: tuple[str, ...] = ()
    kind: str = "text"
    restricted: bool = False
    unique: bool = False


Landing = Literal["landed", "merged", "missing", "unprovable"]
