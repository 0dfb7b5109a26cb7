"""Leads by the REST API: up to 200 in one request, each with its own result."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from connectors.answers import MASK
from connectors.base import LeadPayload, Preview
from connectors.errors import DeliveryError, Misconfigured, Rejected
from connectors.salesforce import batches, campaigns, duplicates, outcomes, receipts, schemas
from connectors.salesforce.client import API_VERSION, STANDING, Org
from connectors.salesforce.layouts import REST
from connectors.salesforce.receipts import Result
from connectors.salesforce.records import Recipe
from connectors.salesforce.rows import Record, Row, Writer
from connectors.salesforce.schema import Schema


class Rest:
    """Writes leads to one organization; ``templates`` are what is sent where, ``mapped`` those the publisher chose."""

    def __init__(self, org: Org, templates: Mapping[str, str], mapped: frozenset[str]) -> None:
        self.org = org
        self.config = org.config
        self.templates = templates
        self.mapped = mapped

    def deliver(self, leads: Sequence[LeadPayload]) -> list[Result]:
        """Answer one result per lead. Test leads go apart, because no salesperson is to be given one."""
        results: dict[int, Result] = {}
        with self.org.session.budget():
            for is_test in (False, True):
                places = [place for place, lead in enumerate(leads) if lead.is_test is is_test]
                answered = self._write([leads[place] for place in places], is_test=is_test) if places else []
                results |= zip(places, answered, strict=True)
        settled = [results[place] for place in range(len(leads))]
        common = outcomes.alike(settled)
        return [common] * len(leads) if common else settled

    def preview(self, lead: LeadPayload) -> Preview:
        """Show the request for one lead, by what is known of the organization without asking it."""
        method, path = batches.call(self.config)
        record = self.record(lead, schemas.known(self.config) or REST.standard)
        place = "/".join(quote(part, safe="") for part in path)
        return Preview(
            method=method,
            url=f"https://{self.config.my_domain}/services/data/v{API_VERSION}/{place}",
            headers=STANDING | {"Authorization": f"Bearer {MASK}"} | batches.headers(self.config, is_test=lead.is_test),
            body=json.dumps(batches.body([record]), ensure_ascii=False, indent=2),
        )

    def record(self, lead: LeadPayload, schema: Schema) -> Record:
        """Make the record of one lead; Rejected where it lacks what the organization demands."""
        key, company = self.config.external_id_field, self.config.missing_company
        recipe = Recipe(
            layout=REST,
            schema=schema,
            templates=self.templates,
            mapped=self.mapped,
            missing_company=company,
            person_accounts=not company,
        )
        return recipe.record(lead) | {key: lead.id} if key else recipe.record(lead, f"Lead {lead.id}")

    def _write(self, leads: Sequence[LeadPayload], *, is_test: bool) -> list[Result]:
        try:
            schema = schemas.of(self.org)
        except DeliveryError as problem:
            return [problem] * len(leads)
        made = [self._made(lead, schema) for lead in leads]
        records = [record for record in made if not isinstance(record, Rejected)]
        answered = iter(self._settled(records, self._rows(records, is_test=is_test)) if records else [])
        return [record if isinstance(record, Rejected) else next(answered) for record in made]

    def _rows(self, records: Sequence[Record], *, is_test: bool) -> list[Row | DeliveryError]:
        method, path = batches.call(self.config)
        headers = batches.headers(self.config, is_test=is_test)

        def write(some: Sequence[Record]) -> Any:
            return self.org.ask(method, *path, body=batches.body(some), headers=headers)

        return Writer(write, self.org.session.seconds_left).rows(records)

    def _settled(self, records: Sequence[Record], answered: Sequence[Row | DeliveryError]) -> list[Result]:
        if self.config.duplicates == "update":
            answered = duplicates.updated(self.org, records, answered, self.mapped)
        results = [receipts.judge(row, self.org) for row in answered]
        if any(isinstance(result, Misconfigured) for result in results):
            schemas.forget(self.config)
        return campaigns.joined(self.org, results) if self.config.campaign_id else results

    def _made(self, lead: LeadPayload, schema: Schema) -> Record | Rejected:
        try:
            return self.record(lead, schema)
        except Rejected as fault:
            return fault
