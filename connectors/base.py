"""What a connector is. Read this to write one.

A connector gets a frozen config and a guarded session, never a model or a web request, and answers one result per lead:
a :class:`Receipt`, or a :class:`~connectors.errors.DeliveryError` whose class is the policy. The session raises nothing
but these errors too.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, Generic, Literal, TypeVar

from connectors.config import Config
from connectors.errors import DeliveryError
from connectors.forms import ConnectorForm
from connectors.http import ANSWER_BYTES, GuardedSession


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
    """A field of the target that a lead field or a constant can be mapped to."""

    name: str
    label: str
    required: bool = False
    max_length: int | None = None
    choices: tuple[str, ...] = ()


Landing = Literal["landed", "merged", "missing", "unprovable"]


ConfigT = TypeVar("ConfigT", bound=Config)


class Connector(ABC, Generic[ConfigT]):
    """Speaks to one kind of destination.

    Metadata lives on the class. An instance serves one destination for one drain; ``deliver`` is called from up to
    ``concurrency`` threads at once, so keep no state per lead on it.
    """

    slug: ClassVar[str]
    """Set by the registry: the name of the folder."""
    folder: ClassVar[Path]
    """Set by the registry: where the guide, the icon and the templates are."""

    do_not_call_in_templates: ClassVar[bool] = True
    """Django's mark: a page shows the class and makes no instance of it."""

    label: ClassVar[str]
    summary: ClassVar[str]
    config_class: ClassVar[type[Config]]
    form_class: ClassVar[type[ConnectorForm]]
    rungs: ClassVar[tuple[str, ...]]
    """Names of the checks in order, so that a page can show those not reached."""

    reserved_fields: ClassVar[frozenset[str]] = frozenset()
    """Target fields that are always sent as they are, so that none can be mapped to."""
    batch_size: ClassVar[int] = 1
    concurrency: ClassVar[int] = 4
    idempotent: ClassVar[bool] = True
    """Whether sending the same lead again is harmless. Where it is not, no answer means :class:`Uncertain`."""
    overlap: ClassVar[timedelta] = timedelta()
    """How long what ``rotate`` replaced stays good."""
    deadline: ClassVar[float] = 20.0
    """Wall-clock seconds one ``deliver`` call may take."""
    answer_bytes: ClassVar[int] = ANSWER_BYTES
    """How much of an answer's body is read."""

    def __init__(self, config: ConfigT, session: GuardedSession, mapping: Mapping[str, str] | None = None) -> None:
        self.config = config
        self.session = session
        self.mapping = mapping or {}

    @abstractmethod
    def deliver(self, leads: Sequence[LeadPayload]) -> list[Receipt | DeliveryError]:
        """Send at most ``batch_size`` leads; answer one result per lead, in order. Raise nothing."""

    @abstractmethod
    def checks(self) -> Iterator[Check]:
        """Climb the rungs of "Check connection" in order, stopping after the first that fails. Leave no garbage."""

    @abstractmethod
    def render(self, lead: LeadPayload) -> Preview:
        """Show exactly what would be sent for this lead, secrets masked."""

    def fields(self) -> list[TargetField]:
        """List the target's fields for the mapping page; empty where the target has no catalogue."""
        return []

    def read_back(self, receipt: Receipt) -> Landing:
        """Tell whether a delivered lead is still there."""
        del receipt
        return "unprovable"

    @classmethod
    def issue(cls) -> dict[str, Any]:
        """Make the settings that the portal itself issues, such as a signing secret. Shown once, stored encrypted."""
        return {}

    @classmethod
    def rotate(cls, stored: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        """Renew the issued settings, the old ones staying good for an overlap. Answer only what changes."""
        del stored, now
        return {}
