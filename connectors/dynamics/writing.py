"""Write leads: one to a request, or several in a batch, each with its own result."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from connectors.answers import MASK
from connectors.base import LeadPayload, Preview
from connectors.dynamics import answered, batches, codes, keys, layout, outcomes, receipts, schemas
from connectors.dynamics.answered import Answer
from connectors.dynamics.batches import Operation
from connectors.dynamics.client import API, STANDING, Dataverse
from connectors.dynamics.receipts import Result
from connectors.dynamics.records import Recipe
from connectors.dynamics.schema import Schema
from connectors.errors import DeliveryError, Misconfigured, Rejected


class Writer:
    """Writes leads to one environment; ``templates`` are what is sent where, ``mapped`` those the publisher chose."""

    def __init__(self, environment: Dataverse, templates: Mapping[str, str], mapped: frozenset[str]) -> None:
        self.environment = environment
        self.config = environment.config
        self.templates = templates
        self.mapped = mapped

    def deliver(self, leads: Sequence[LeadPayload]) -> list[Result]:
        """Answer one result per lead. Columns that Dynamics complains of are read again, once."""
        with self.environment.session.budget():
            try:
                was_known = schemas.known(self.config)
                results = self._write(leads, was_known or schemas.fresh(self.environment))
            except DeliveryError as problem:
                return [problem] * len(leads)
            stale = [place for place, result in enumerate(results) if _is_stale(result)] if was_known else []
            return self._again(leads, results, stale) if stale else results

    def preview(self, lead: LeadPayload) -> Preview:
        """Show the request for one lead, by what is known of the environment without asking it."""
        sent = self.operation(lead, schemas.known(self.config) or layout.STANDARD)
        return Preview(
            method=sent.method,
            url=f"{self.config.instance_url}{API}/{sent.path}",
            headers={**STANDING, **sent.headers, "Authorization": f"Bearer {MASK}"},
            body=json.dumps(sent.record, indent=2, ensure_ascii=False),
        )

    def operation(self, lead: LeadPayload, schema: Schema) -> Operation:
        """Make the request of one lead: an upsert by an id of ours that is not to be an update."""
        recipe = Recipe(config=self.config, schema=schema, templates=self.templates, mapped=self.mapped)
        headers = {"Content-Type": "application/json; charset=utf-8", "If-None-Match": "*"}
        if self.config.duplicate_detection:
            headers["MSCRM.SuppressDuplicateDetection"] = "false"
        return Operation("PATCH", f"leads({keys.record_id(lead.id)})", headers, recipe.record(lead))

    def _again(self, leads: Sequence[LeadPayload], results: list[Result], stale: list[int]) -> list[Result]:
        try:
            schema = schemas.fresh(self.environment)
        except DeliveryError:
            return results
        results_again = self._write([leads[place] for place in stale], schema)
        renewed = dict(zip(stale, results_again, strict=True))
        return [renewed.get(place, result) for place, result in enumerate(results)]

    def _write(self, leads: Sequence[LeadPayload], schema: Schema) -> list[Result]:
        answers = self._sent([self.operation(lead, schema) for lead in leads])
        results = [self._result(answer, lead) for answer, lead in zip(answers, leads, strict=True)]
        common = outcomes.alike(results)
        return [common] * len(leads) if common else results

    def _sent(self, operations: Sequence[Operation]) -> list[Answer | DeliveryError]:
        """Send all in one request; one that is refused as a whole is halved, so that no lead pays for another."""
        try:
            answer = self._exchanged(operations)
        except DeliveryError as problem:
            return [problem] * len(operations)
        if len(operations) == 1:
            return [answer]
        if answer.taken:
            return self._told_apart(answer, len(operations))
        refusal = outcomes.refused(answer, self.environment.mask)
        middle = len(operations) // 2
        if isinstance(refusal, Rejected):
            return self._sent(operations[:middle]) + self._sent(operations[middle:])
        return [refusal] * len(operations)

    def _told_apart(self, answer: Answer, expected: int) -> list[Answer | DeliveryError]:
        """Return the answer to each request of a batch; what is not answered may be sent again."""
        found: list[Answer | DeliveryError] = [*batches.answers(answer)]
        return [*found, *[answered.unreadable(answer.status)] * expected][:expected]

    def _exchanged(self, operations: Sequence[Operation]) -> Answer:
        if len(operations) == 1:
            [sent] = operations
            return self.environment.send(sent.method, sent.path, body=sent.body, headers=sent.headers)
        batch = batches.each_alone(self.environment.root, operations)
        return self.environment.send("POST", "$batch", body=batch.body, headers=batch.headers)

    def _result(self, answer: Answer | DeliveryError, lead: LeadPayload) -> Result:
        if isinstance(answer, DeliveryError):
            return answer
        return receipts.judge(answer, keys.record_id(lead.id), self.environment)


def _is_stale(result: Result) -> bool:
    return isinstance(result, Misconfigured) and result.cause == codes.STALE
