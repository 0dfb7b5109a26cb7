"""From a lead to a record that the organization can take: by its lengths, its pick-lists and what it demands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from connectors import mapping
from connectors.base import LeadPayload
from connectors.errors import Rejected
from connectors.fitting import clean, fit_all, utf16_units
from connectors.salesforce.config import NOT_PROVIDED
from connectors.salesforce.layouts import Layout
from connectors.salesforce.schema import Schema

DO_NOT_CONTACT = "The customer asked not to be contacted."
_TRUE = ("true", "1", "yes", "on")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How records are made: ``templates`` are what is sent where, those in ``mapped`` by the publisher's word.

    What the publisher maps is sent even where ``schema`` does not know it, so that Salesforce's complaint is heard.
    ``missing_company`` stands in for a company that is not known; where it is empty, ``person_accounts`` says that a
    lead without a company is a person there.
    """

    layout: Layout
    schema: Schema
    templates: Mapping[str, str]
    mapped: frozenset[str]
    missing_company: str
    person_accounts: bool = False

    def record(self, lead: LeadPayload, *notes: str) -> dict[str, Any]:
        """Make the record of a lead, ``notes`` ending its description; Rejected where it lacks what is demanded."""
        lead = _whole(lead)
        values = mapping.apply(self.templates, lead)
        values, left_over = self._suited(_addressed(values, self.schema))
        first = DO_NOT_CONTACT if lead.do_not_contact else ""
        fitted = self._fitted(self._completed(values, lead), first, [*left_over, *notes])
        record = self._typed(fitted) | self._flags(lead)
        self._demand(record)
        return record

    def _suited(self, values: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
        """Leave out what its field cannot hold, and write it down for the description instead."""
        kept: dict[str, str] = {}
        left_over: list[str] = []
        for name, value in values.items():
            plain = clean(value, lines=name == self.layout.description)
            suited = self._suit(name, plain)
            if suited:
                kept[name] = suited
            elif plain:
                left_over.append(f"{self._label(name)}: {plain}")
        return kept, left_over

    def _suit(self, name: str, value: str) -> str | None:
        found = self.schema.get(name)
        if found is None or not found.createable:
            return value if name in self.mapped else None
        if found.kind == "choice" and value:
            return found.chosen(value)
        too_long = found.length is not None and utf16_units(value) > found.length
        return None if too_long and not found.cuttable else value

    def _completed(self, values: dict[str, str], lead: LeadPayload) -> dict[str, str]:
        """Stand in for the two names that Salesforce demands of every lead."""
        names = self.layout
        fallbacks = {names.last_name: _last_name(lead), names.company: self.missing_company}
        return values | {name: value for name, value in fallbacks.items() if value and name not in values}

    def _fitted(self, values: Mapping[str, str], first: str, last: list[str]) -> dict[str, str]:
        description = self.layout.description
        told = "\n".join(filter(None, [first, values.get(description, ""), *last]))
        labels = {name: self._label(name) for name in values}
        limits = self.layout.standard.lengths | self.schema.lengths
        fitted = fit_all({**values, description: told}, limits, keep_in=description, labels=labels, measure=utf16_units)
        return {name: value for name, value in fitted.items() if value}

    def _typed(self, values: Mapping[str, str]) -> dict[str, Any]:
        kinds = {name: found.kind for name, found in self.schema.fields.items()}
        return {
            name: value.casefold() in _TRUE if kinds.get(name) == "boolean" else value for name, value in values.items()
        }

    def _flags(self, lead: LeadPayload) -> dict[str, Any]:
        flags = self.layout.flags if lead.do_not_contact else {}
        return {name: flag for name, flag in flags.items() if (found := self.schema.get(name)) and found.createable}

    def _demand(self, record: Mapping[str, Any]) -> None:
        for found in self.schema.required:
            optional = found.name == self.layout.company and self.person_accounts
            if found.name not in record and not optional:
                raise Rejected(
                    f"Salesforce demands {found.label} ({found.name}), and this lead has none.",
                    cause="required-field-missing",
                    fix=f"Map a lead field or a constant to {found.name}, then send this lead again.",
                )

    def _label(self, name: str) -> str:
        found = self.schema.get(name)
        return found.label if found else name


def _whole(lead: LeadPayload) -> LeadPayload:
    missing = {each.name: "" for each in fields(lead) if getattr(lead, each.name) is None}
    return replace(lead, **missing)  # type: ignore[arg-type]


def _last_name(lead: LeadPayload) -> str:
    names = clean(lead.last_name).split() or clean(lead.first_name).split()
    return names[-1] if names else clean(lead.email).partition("@")[0] or NOT_PROVIDED


def _addressed(values: dict[str, str], schema: Schema) -> dict[str, str]:
    """Send a country by its code where the organization keeps countries in a pick-list."""
    codes, country = schema.get("CountryCode"), values.get("Country", "")
    if codes is None or not codes.createable or not country or "CountryCode" in values:
        return values
    code = codes.chosen(country)
    if code is None or code not in codes.choices:
        return values
    return {name: value for name, value in values.items() if name != "Country"} | {"CountryCode": code}
