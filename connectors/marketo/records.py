"""From a lead to the record that Marketo takes: by the kinds and lengths of its fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from connectors import mapping
from connectors.base import LeadPayload
from connectors.errors import Misconfigured, Rejected
from connectors.fitting import clean, fit, fit_all, utf8_bytes
from connectors.marketo import emails, typed
from connectors.marketo.layout import FLAGS, KEY
from connectors.marketo.schema import Field, Schema

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How records are made: ``templates`` are what is sent where, those in ``mapped`` by the publisher's word."""

    schema: Schema
    templates: Mapping[str, str]
    mapped: frozenset[str]

    def record(self, lead: LeadPayload) -> Record:
        """Make the record of a lead, without what is empty: that would wipe out what Marketo has.

        Raise Rejected where the lead lacks what is demanded, Misconfigured where the mapping names no field.
        """
        lead = _whole(lead)
        email = emails.address(lead.email)
        self.refuse_unwritable()
        values, left_over = self._suited(mapping.apply(self.templates, lead))
        record = self._typed(self._fitted(values, left_over)) | self._flags(lead) | {KEY: email}
        self._demand(record)
        return record

    def refuse_unwritable(self) -> None:
        """Raise Misconfigured where something is mapped that Marketo does not let us write."""
        wrong = sorted(name for name in self.mapped if self.templates.get(name) and not self.schema.writes(name))
        if wrong:
            raise Misconfigured(
                f"The mapping sends {', '.join(wrong)}, which Marketo does not let us write.",
                cause="mapped-field",
                fix="Choose another field on the mapping page, or add the field to the form if leads fill one out.",
            )

    @property
    def notes(self) -> str:
        """Name the field that holds the customer's words, and what did not fit elsewhere; ``""`` where none does."""
        takes = (name for name, template in self.templates.items() if "{Description}" in template)
        return next((name for name in takes if (found := self.schema.get(name)) and found.has_lines), "")

    def _suited(self, values: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
        """Leave out what its field cannot hold, and write it down for the notes instead."""
        kept: dict[str, str] = {}
        left_over: list[str] = []
        for name, value in values.items():
            plain = clean(value, lines=name == self.notes)
            found = self.schema.get(name)
            if plain and found and found.writable and typed.holds(found, plain):
                kept[name] = plain
            elif plain and name != KEY:
                left_over.append(f"{found.label if found else name}: {plain}")
        return kept, left_over

    def _fitted(self, values: dict[str, str], left_over: list[str]) -> dict[str, str]:
        notes = self.notes
        told = "\n".join(filter(None, [values.get(notes, ""), *left_over]))
        labels = {name: found.label for name in values if (found := self.schema.get(name))}
        limits = {name: found.limit for name, found in self.schema.fields.items()}
        fitted = fit_all({**values, notes: told}, limits, keep_in=notes, labels=labels)
        return {name: self._in_bytes(name, value) for name, value in fitted.items() if value and name}

    def _in_bytes(self, name: str, value: str) -> str:
        found = self.schema.get(name)
        if found is None or not found.has_lines:
            return value
        return fit(value, found.limit, measure=utf8_bytes, lines=True).text

    def _typed(self, values: Mapping[str, str]) -> Record:
        return {name: typed.typed(self.schema.fields[name], value) for name, value in values.items()}

    def _flags(self, lead: LeadPayload) -> Record:
        if not lead.do_not_contact:
            return {}
        missing = [name for name in FLAGS if not self.schema.writes(name)]
        if missing:
            raise Rejected(
                f"This customer asked not to be contacted, and there is no {' and no '.join(missing)} to say so in.",
                cause="do-not-contact",
                fix="Add unsubscribed and doNotCall to the form as hidden fields, then send this lead again.",
            )
        return dict.fromkeys(FLAGS, True)

    def _demand(self, record: Record) -> None:
        for found in self._lacking(record):
            raise Rejected(
                f"The form demands {found.label} ({found.name}), and this lead has none.",
                cause="required-field",
                fix=f"Map a lead field or a constant to {found.name}, then send this lead again.",
            )

    def _lacking(self, record: Record) -> Iterator[Field]:
        return (found for found in self.schema.required if found.name not in record)


def _whole(lead: LeadPayload) -> LeadPayload:
    missing = {each.name: "" for each in fields(lead) if getattr(lead, each.name) is None}
    return replace(lead, **missing)  # type: ignore[arg-type]
