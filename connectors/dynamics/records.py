"""From a lead to a record that the environment can take: by its lengths, its choices and its kinds of columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from connectors import mapping
from connectors.base import LeadPayload
from connectors.dynamics.config import DynamicsConfig
from connectors.dynamics.layout import DESCRIPTION, FLAGS, LAST_NAME, SOURCE, SUBJECT
from connectors.dynamics.schema import Column, Schema
from connectors.fitting import Fitted, clean, fit, utf16_units

DO_NOT_CONTACT = "The customer asked not to be contacted."
NOBODY = "Unknown"
"""The last name of a customer who gave neither a name nor an address."""

_ALSO_CALLED = {"SPZA": "AppSource"}
"""How a source is written for people; on the wire it has another name."""
_OWNERS = {"user": "systemusers", "team": "teams"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How records are made: ``templates`` are what is sent where, those in ``mapped`` by the publisher's word.

    What the publisher maps is sent even where ``schema`` does not know it, so that Dynamics's complaint is heard.
    """

    config: DynamicsConfig
    schema: Schema
    templates: Mapping[str, str]
    mapped: frozenset[str]

    def record(self, lead: LeadPayload) -> dict[str, Any]:
        """Make the record of a lead. What a column cannot hold stands in the description instead."""
        lead = _whole(lead)
        values = {name: clean(value, lines=self._has_lines(name)) for name, value in self._filled(lead).items()}
        values |= {name: text for name, text in self._fallbacks(lead).items() if not values.get(name)}
        typed, left_over = self._suited({name: value for name, value in values.items() if value}, lead)
        texts = {name: value for name, value in typed.items() if isinstance(value, str)}
        fitted = self._fitted(texts, lead, left_over)
        return self._chosen() | typed | fitted | self._flags(lead)

    def _filled(self, lead: LeadPayload) -> dict[str, str]:
        values = mapping.apply(self.templates, lead)
        if SUBJECT not in self.mapped:
            values[SUBJECT] = _subject(lead)
        return values

    def _fallbacks(self, lead: LeadPayload) -> dict[str, str]:
        """Stand in for the two columns that people cannot save a lead without."""
        return {LAST_NAME: _last_name(lead), SUBJECT: _subject(lead)}

    def _suited(self, values: Mapping[str, str], lead: LeadPayload) -> tuple[dict[str, Any], list[str]]:
        kept: dict[str, Any] = {}
        left_over: list[str] = []
        for name, text in values.items():
            found = self._suit(name, text, lead)
            if found is not None:
                kept[name] = found
            if found is None or (name == SOURCE and name not in self.mapped):
                left_over.append(f"{self._label(name)}: {text}")
        return kept, left_over

    def _suit(self, name: str, text: str, lead: LeadPayload) -> Any:
        column = self.schema.get(name)
        if column is None:
            return text if name in self.mapped else None
        if name == SOURCE and name not in self.mapped:
            return self._source(column, text, lead)
        too_long = column.length is not None and utf16_units(text) > column.length
        return None if too_long and not column.cuttable else column.value(text)

    def _source(self, column: Column, text: str, lead: LeadPayload) -> Any:
        """Choose the lead source by its label: the whole of it, the storefront alone, or the one in the settings."""
        named = (text, lead.source, _ALSO_CALLED.get(lead.source, ""), self.config.lead_source)
        return next((number for name in named if name and (number := column.value(name)) is not None), None)

    def _fitted(self, texts: Mapping[str, str], lead: LeadPayload, left_over: list[str]) -> dict[str, str]:
        fitted = {name: self._fit(name, text) for name, text in texts.items() if name != DESCRIPTION}
        cut = [f"{self._label(name)}: {each.whole}" for name, each in fitted.items() if each.is_cut]
        first = [DO_NOT_CONTACT] if lead.do_not_contact else []
        told = self._told(first, texts.get(DESCRIPTION, ""), [*left_over, *cut, *self._extras(lead)])
        shown = {name: each.text for name, each in fitted.items()} | {DESCRIPTION: told}
        return {name: text for name, text in shown.items() if text}

    def _told(self, first: list[str], description: str, last: list[str]) -> str:
        """Write the description between what must be seen first and what has no other place; it gives way to both."""
        column = self.schema.get(DESCRIPTION)
        if column is None and DESCRIPTION not in self.mapped:
            return ""
        taken = utf16_units("\n".join([*first, *last])) + len(first) + 1
        limit = column.length if column else None
        room = None if limit is None else max(limit - taken, limit // 2)
        own = fit(description, room, measure=utf16_units, lines=True).text
        return self._fit(DESCRIPTION, "\n".join(filter(None, [*first, own, *last]))).text

    def _fit(self, name: str, text: str) -> Fitted:
        column = self.schema.get(name)
        return fit(text, column.length if column else None, measure=utf16_units, lines=self._has_lines(name))

    def _extras(self, lead: LeadPayload) -> Iterator[str]:
        """Write down the extra data that no template sends."""
        sent = "".join(self.templates.values())
        for key in lead.extra:
            placeholder = f"{{Extra.{key}}}"
            [text] = mapping.apply({key: placeholder}, lead).values()
            if text and placeholder not in sent:
                yield f"{key}: {clean(text)}"

    def _flags(self, lead: LeadPayload) -> dict[str, Any]:
        return {name: True for name in FLAGS if lead.do_not_contact and self.schema.get(name)}

    def _chosen(self) -> dict[str, str]:
        """Refer to the owner and the campaign that the settings name."""
        config, sets = self.config, _OWNERS.get(self.config.owner)
        owner = {"ownerid@odata.bind": f"/{sets}({config.owner_id})"} if sets else {}
        return owner | ({"campaignid@odata.bind": f"/campaigns({config.campaign_id})"} if config.campaign_id else {})

    def _has_lines(self, name: str) -> bool:
        column = self.schema.get(name)
        return name == DESCRIPTION or bool(column and column.lines)

    def _label(self, name: str) -> str:
        column = self.schema.get(name)
        return column.label if column else name


def _whole(lead: LeadPayload) -> LeadPayload:
    missing = {each.name: "" for each in fields(lead) if getattr(lead, each.name) is None}
    return replace(lead, **missing)  # type: ignore[arg-type]


def _subject(lead: LeadPayload) -> str:
    whole_name = clean(f"{lead.first_name} {lead.last_name}")
    who = clean(lead.company) or whole_name or clean(lead.email)
    return " - ".join(filter(None, (clean(lead.offer_title) or lead.offer_id, who)))


def _last_name(lead: LeadPayload) -> str:
    names = clean(lead.last_name).split() or clean(lead.first_name).split()
    return names[-1] if names else clean(lead.email).partition("@")[0] or NOBODY
