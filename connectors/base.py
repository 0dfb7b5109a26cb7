"""What a connector is. Read this to write one.

A connector gets a frozen config and a guarded session, never a model or a web request, and answers one result per lead:
a :class:`Receipt`, or a :class:`~connectors.errors.DeliveryError` whose class is the policy. The session raises nothing
but these errors too.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Generic, TypeVar

from connectors.config import Config
from connectors.errors import DeliveryError
from connectors.forms import ConnectorForm
from connectors.http import ANSWER_BYTES, GuardedSession
from connectors.values import Check, Landing, LeadPayload, Preview, Receipt, TargetField

__all__ = ["Check", "Connector", "Landing", "LeadPayload", "Preview", "Receipt", "TargetField"]

ConfigT = TypeVar("ConfigT", bound=Config)


class Connector(ABC, Generic[ConfigT]):
    """Speaks to one kind of destination.

    Metadata lives on the class. Where ``batch_size``, ``concurrency`` or ``idempotent`` depend on the settings,
    ``__init__`` sets them for the instance, which is what is asked. An instance serves one destination for one drain;
    ``deliver`` is called from up to ``concurrency`` threads at once, so keep no state per lead on it.
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
    """Names of the checks in order, so that a page can show those not reached. See :meth:`rungs_with`."""

    defaults: Mapping[str, str] = MappingProxyType({})
    """What is sent where without any mapping: ``{target field: template}``. ``__init__`` may set it by the settings."""
    reserved_fields: ClassVar[frozenset[str]] = frozenset()
    """Target fields that are always sent as they are, so that none can be mapped to."""
    batch_size: int = 1
    concurrency: int = 4
    idempotent: bool = True
    """Whether sending the same lead again is harmless. Where it is not, no answer means :class:`Uncertain`.

    Where it depends on the settings, answer the same from :meth:`idempotent_with`.
    """
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

    @property
    def templates(self) -> dict[str, str]:
        """Return what is sent where: the defaults, over which the mapping goes. An empty template sends nothing."""
        return {**self.defaults, **self.mapping}

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

    @classmethod
    def mapping_faults(cls, mapping: Mapping[str, str]) -> list[str]:
        """Name, one sentence each, what no target of this kind takes of a valid mapping, such as a field's name."""
        del mapping
        return []

    def read_back(self, receipt: Receipt) -> Landing:
        """Tell whether a delivered lead is still there: one question, and an error where it could not be asked."""
        del receipt
        return "unprovable"

    def remove(self, receipt: Receipt) -> None:
        """Delete a test lead of ours where the target allows it; what cannot be deleted stays."""
        del receipt

    @classmethod
    def secret_ends(cls, stored: Mapping[str, Any]) -> date | None:
        """Read from the stored settings when their secret ends, where it says so itself, as a certificate does."""
        del stored
        return None

    @classmethod
    def idempotent_with(cls, config: ConfigT) -> bool:
        """Tell whether sending again is harmless with these settings, without connecting: asked when a worker died."""
        del config
        return cls.idempotent

    @classmethod
    def provable_with(cls, config: ConfigT) -> bool:
        """Tell whether a delivered lead can be looked for with these settings."""
        del config
        return cls.read_back is not Connector.read_back

    @classmethod
    def rungs_with(cls, config: ConfigT) -> tuple[str, ...]:
        """Name the rungs that are climbed with these settings, where that depends on them."""
        del config
        return cls.rungs

    @classmethod
    def issue(cls) -> dict[str, Any]:
        """Make the settings that the portal itself issues, such as a signing secret. Shown once, stored encrypted."""
        return {}

    @classmethod
    def rotate(cls, stored: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        """Renew the issued settings, the old ones staying good for an overlap. Answer only what changes."""
        del stored, now
        return {}
