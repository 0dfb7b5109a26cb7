"""Salesforce: leads by its REST API, or by the Web-to-Lead form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from connectors.base import Check, Connector, Landing, LeadPayload, Preview, Receipt, TargetField
from connectors.errors import DeliveryError
from connectors.http import GuardedSession
from connectors.salesforce import batches, doctor, lookups, schemas, web_to_lead
from connectors.salesforce.client import Org
from connectors.salesforce.config import SalesforceConfig
from connectors.salesforce.doctor import Doctor
from connectors.salesforce.forms import SalesforceForm
from connectors.salesforce.layouts import REST, WEB_TO_LEAD
from connectors.salesforce.rest import Rest
from connectors.salesforce.web_to_lead import WebToLead


class Salesforce(Connector[SalesforceConfig]):
    """An organization of Salesforce."""

    label = "Salesforce"
    summary = "Leads in Sales Cloud, by the REST API or a Web-to-Lead form."
    config_class = SalesforceConfig
    form_class = SalesforceForm
    rungs = doctor.RUNGS
    reserved_fields = frozenset(("attributes", "Id", "id", "oid", "encoding", "retURL", "debug", "debugEmail"))
    answer_bytes = 4 * 1024 * 1024
    defaults = REST.defaults

    def __init__(
        self, config: SalesforceConfig, session: GuardedSession, mapping: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(config, session, mapping)
        self.defaults = REST.defaults if config.confirms else WEB_TO_LEAD.defaults
        self.idempotent = config.repeatable
        self.batch_size = _batch_size(config)
        self.concurrency = 2  # more at a time wait for each other's locks
        mapped = frozenset(self.mapping)
        self.rest = Rest(Org(config, session), self.templates, mapped)
        self.way = self.rest if config.confirms else WebToLead(config, session, self.templates, mapped)

    @classmethod
    def idempotent_with(cls, config: SalesforceConfig) -> bool:
        return config.repeatable

    @classmethod
    def provable_with(cls, config: SalesforceConfig) -> bool:
        return config.confirms

    @classmethod
    def rungs_with(cls, config: SalesforceConfig) -> tuple[str, ...]:
        return doctor.RUNGS if config.confirms else web_to_lead.RUNGS

    def deliver(self, leads: Sequence[LeadPayload]) -> list[Receipt | DeliveryError]:
        return self.way.deliver(leads)

    def checks(self) -> Iterator[Check]:
        way = self.way
        return way.checks() if isinstance(way, WebToLead) else Doctor(way).checks()

    def render(self, lead: LeadPayload) -> Preview:
        return self.way.preview(lead)

    def fields(self) -> list[TargetField]:
        if not self.config.confirms:
            return []
        key = self.config.external_id_field  # always the lead's own id, whatever is mapped
        schema = schemas.fresh(self.rest.org)
        return [found.shown() for found in schema.fields.values() if found.createable and found.name != key]

    def read_back(self, receipt: Receipt) -> Landing:
        return lookups.landing(self.rest.org, receipt.remote_id) if self.config.confirms else "unprovable"

    def remove(self, receipt: Receipt) -> None:
        if self.config.confirms:
            lookups.remove(self.rest.org, receipt.remote_id)


def _batch_size(config: SalesforceConfig) -> int:
    if not config.confirms:
        return 1
    return batches.LARGEST if config.repeatable else batches.LARGEST_UNREPEATABLE
