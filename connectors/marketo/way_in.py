"""The way of leads into Marketo: one record a person, one in flight a person, each lead with its own result."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from time import sleep

from connectors.answers import MASK
from connectors.base import LeadPayload, Preview, Receipt
from connectors.errors import DeliveryError, Misconfigured, Rejected, Unanswered, Unsent
from connectors.marketo import batches, hosts, in_flight, outcomes, receipts, schemas
from connectors.marketo.client import STANDING, Subscription
from connectors.marketo.layout import STANDARD
from connectors.marketo.people import Part, Person, folded
from connectors.marketo.receipts import Result
from connectors.marketo.records import Recipe
from connectors.marketo.schema import Schema
from connectors.marketo.writer import Writer

GLANCE = 0.1
"""Seconds between two looks at whether an address is free."""
SLACK = 5.0
"""Seconds by which an address is held longer than the request may take."""

Results = dict[int, Result]


class WayIn:
    """Writes leads; ``templates`` are what is sent where, ``mapped`` those the publisher chose."""

    def __init__(self, subscription: Subscription, templates: Mapping[str, str], mapped: frozenset[str]) -> None:
        self.subscription = subscription
        self.config = subscription.config
        self.templates = templates
        self.mapped = mapped

    def deliver(self, leads: Sequence[LeadPayload]) -> list[Result]:
        """Answer one result per lead, in order."""
        with self.subscription.session.budget():
            try:
                recipe = self.recipe(schemas.of(self.subscription, self._sent))
                results = self._deliver(leads, recipe)
            except DeliveryError as problem:
                results = dict.fromkeys(range(len(leads)), problem)
        if any(isinstance(result, Misconfigured) for result in results.values()):
            schemas.forget(self.config)
        return [results[place] for place in range(len(leads))]

    def preview(self, lead: LeadPayload) -> Preview:
        """Show the request for one lead, by what is known of the subscription without asking it."""
        record = self.recipe(schemas.known(self.config) or self._assumed).record(lead)
        return Preview(
            method="POST",
            url=f"{hosts.rest(self.config.munchkin_id)}{batches.path(self.config)}",
            headers=STANDING | {"Authorization": f"Bearer {MASK}"},
            body=json.dumps(batches.body(self.config, [record]), ensure_ascii=False, indent=2),
        )

    def recipe(self, schema: Schema) -> Recipe:
        return Recipe(schema, self.templates, self.mapped)

    @property
    def _sent(self) -> list[str]:
        """Name what the publisher maps: to be looked for anew where it is not known."""
        return [name for name in self.mapped if self.templates.get(name)]

    @property
    def _assumed(self) -> Schema:
        """Take what is mapped for fields of text, as long as nothing is known of them."""
        plain = STANDARD.fields["firstName"]
        return Schema({name: replace(plain, name=name, label=name) for name in self.mapped} | dict(STANDARD.fields))

    def _deliver(self, leads: Sequence[LeadPayload], recipe: Recipe) -> Results:
        results: Results = {}
        parts: list[Part] = []
        for place, lead in enumerate(leads):
            try:
                parts.append(Part(place, recipe.record(lead)))
            except Rejected as fault:
                results[place] = fault
        return results | self._one_at_a_time(folded(parts))

    def _one_at_a_time(self, people: list[Person]) -> Results:
        """Send those that nobody else is sending, then those that somebody was, as long as there is time."""
        results: Results = {}
        while people:
            lasts = self.subscription.session.seconds_left()
            with in_flight.hold(self.config.munchkin_id, [each.email for each in people], lasts + SLACK) as held:
                ours = [person for person in people if person.email in held.emails]
                results |= self._write(ours)
                held.doubtful |= {person.email for person in ours if _is_doubtful(person, results)}
            people = [person for person in people if person.email not in held.emails]
            if not ours and lasts <= GLANCE:
                break
            sleep(GLANCE if people and not ours else 0)
        return results | {part.place: _busy() for person in people for part in person.parts}

    def _write(self, people: Sequence[Person]) -> Results:
        rows = Writer(self.subscription).rows([person.record for person in people])
        answered = [receipts.judge(row, self.subscription) for row in rows]
        common = outcomes.alike(answered)
        results: Results = {}
        for person, result in zip(people, answered, strict=True):
            results |= self._shared(person, common or result)
        return results

    def _shared(self, person: Person, result: Result) -> Results:
        """Give each lead of a person its result; where the folded record was refused, each lead is tried alone."""
        if isinstance(result, Rejected) and len(person.parts) > 1:
            return {place: found for each in person.apart() for place, found in self._write([each]).items()}
        first, *others = (part.place for part in person.parts)
        later = replace(result, outcome="updated") if isinstance(result, Receipt) else result
        return {first: result, **dict.fromkeys(others, later)}


def _is_doubtful(person: Person, results: Results) -> bool:
    """Tell whether a request about somebody may still be on its way through Marketo."""
    return any(isinstance(results[part.place], Unanswered) for part in person.parts)


def _busy() -> Unsent:
    sentence = "Another lead with the same e-mail address is still on its way to Marketo."
    return Unsent(sentence, cause="same-person", retry_after=GLANCE)
