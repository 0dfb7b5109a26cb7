"""Marketo Engage: leads synchronised by hundreds, or one by one through a form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from connectors.base import Check, Connector, Landing, LeadPayload, Preview, Receipt, TargetField
from connectors.errors import DeliveryError
from connectors.http import GuardedSession
from connectors.marketo import batches, doctor, lookups, pace, schemas
from connectors.marketo.client import Subscription
from connectors.marketo.config import MarketoConfig
from connectors.marketo.doctor import Doctor
from connectors.marketo.forms import MarketoForm
from connectors.marketo.layout import DEFAULTS, RESERVED
from connectors.marketo.way_in import WayIn


class Marketo(Connector[MarketoConfig]):
    """A subscription of Marketo Engage."""

    label = "Marketo"
    summary = "People in Marketo Engage, synchronised by hundreds or filled into a form of yours."
    config_class = MarketoConfig
    form_class = MarketoForm
    rungs = doctor.RUNGS
    defaults = DEFAULTS
    reserved_fields = RESERVED
    concurrency = pace.AT_ONCE
    deadline = pace.LONGEST
    answer_bytes = 4 * 1024 * 1024

    def __init__(
        self, config: MarketoConfig, session: GuardedSession, mapping: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(config, session, mapping)
        self.batch_size = 1 if config.by_form else batches.LARGEST
        self.subscription = Subscription(config, session)
        self.way = WayIn(self.subscription, self.templates, frozenset(self.mapping))

    def deliver(self, leads: Sequence[LeadPayload]) -> list[Receipt | DeliveryError]:
        return self.way.deliver(leads)

    def checks(self) -> Iterator[Check]:
        return Doctor(self.way).checks()

    def render(self, lead: LeadPayload) -> Preview:
        return self.way.preview(lead)

    def fields(self) -> list[TargetField]:
        found = schemas.fresh(self.subscription)
        return [field.shown() for field in found.writable if field.name not in RESERVED]

    def read_back(self, receipt: Receipt) -> Landing:
        return lookups.landing(self.subscription, receipt.remote_id)

    def remove(self, receipt: Receipt) -> None:
        lookups.remove(self.subscription, receipt.remote_id)
