"""Dynamics 365: leads in the Lead table of an environment, by the Web API of Dataverse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from connectors.base import Check, Connector, Landing, LeadPayload, Preview, Receipt, TargetField
from connectors.dynamics import certificates, doctor, layout, lookups, schemas
from connectors.dynamics.backlog import Backlog
from connectors.dynamics.client import Dataverse
from connectors.dynamics.config import DynamicsConfig
from connectors.dynamics.doctor import Doctor
from connectors.dynamics.forms import DynamicsForm
from connectors.dynamics.writing import Writer
from connectors.errors import DeliveryError
from connectors.http import GuardedSession


class Dynamics(Connector[DynamicsConfig]):
    """An environment of Dataverse with the Sales app."""

    label = "Dynamics 365"
    summary = "Leads in Dynamics 365 Sales, by the Dataverse Web API."
    config_class = DynamicsConfig
    form_class = DynamicsForm
    rungs = doctor.RUNGS
    defaults = layout.DEFAULTS
    reserved_fields = layout.RESERVED
    concurrency = 4  # never more than 1,200 seconds of work in five minutes, which is all that Dataverse allows
    deadline = 30.0
    answer_bytes = 4 * 1024 * 1024

    def __init__(
        self, config: DynamicsConfig, session: GuardedSession, mapping: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(config, session, mapping)
        self.environment = Dataverse(config, session)
        self.writer = Writer(self.environment, self.templates, frozenset(self.mapping))
        self.backlog = Backlog()
        self.batch_size = self.backlog.batch_size()

    @classmethod
    def secret_ends(cls, stored: Mapping[str, Any]) -> date | None:
        config = cls.config_class.load(stored)
        return certificates.ends(config.certificate) if config.certificate else config.password_ends

    def deliver(self, leads: Sequence[LeadPayload]) -> list[Receipt | DeliveryError]:
        results = self.writer.deliver(leads)
        self.batch_size = self.backlog.batch_size(len(leads))
        return results

    def checks(self) -> Iterator[Check]:
        return Doctor(self.writer).checks()

    def render(self, lead: LeadPayload) -> Preview:
        return self.writer.preview(lead)

    def fields(self) -> list[TargetField]:
        return [column.shown() for column in schemas.fresh(self.environment).columns.values()]

    @classmethod
    def mapping_faults(cls, mapping: Mapping[str, str]) -> list[str]:
        return layout.faults(mapping)

    def read_back(self, receipt: Receipt) -> Landing:
        return lookups.landing(self.environment, receipt.remote_id)

    def remove(self, receipt: Receipt) -> None:
        lookups.remove(self.environment, receipt.remote_id)
