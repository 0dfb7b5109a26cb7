"""The filters of the lists of leads and deliveries, as they stand in a page's address.

A value that cannot be read becomes a sentence and is left out; the rest still filters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast
from urllib.parse import urlencode

from django import forms
from django.core.validators import MaxValueValidator
from django.db.models import QuerySet
from django.http import QueryDict

from leads.filters import STATES, DeliveryFilter, LeadFilter
from leads.models import Destination, Lead, Offer
from leads.taxonomy import Source, Stage, Storefront
from portal.forms import choices

DATE = "Enter a date such as 2026-01-31."
ANY = ("", "Any")
Choices = Sequence[tuple[Any, str]]


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter that is on: what it says, and the query string without it."""

    text: str
    without: str


def _choice(label: str, values: Choices = (), *, number: bool = False) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        choices=[ANY, *values],
        coerce=int if number else str,
        empty_value=None if number else "",
        required=False,
        error_messages={"invalid_choice": "“%(value)s” is not among the choices."},
    )


def _day(label: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date"}),
        validators=[MaxValueValidator(date(2999, 12, 31), DATE)],
        error_messages={"invalid": DATE},
    )


def _text(label: str, placeholder: str = "") -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=254, widget=forms.TextInput(attrs={"placeholder": placeholder})
    )


class FilterForm(forms.Form):
    """Reads a query string. ``more`` names the fields that stand behind "More filters"."""

    more: tuple[str, ...] = ()

    def __init__(self, asked: QueryDict, **known: Choices) -> None:
        super().__init__(asked, auto_id="filter-%s")
        for name, values in known.items():
            cast(forms.ChoiceField, self.fields[name]).choices = [ANY, *values]
        self.full_clean()

    @property
    def given(self) -> dict[str, Any]:
        """The filters that are on."""
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}

    def query(self, *without: str) -> str:
        """Write the filters that are on as a query string, in one order for one meaning."""
        return urlencode({name: self.data[name].strip() for name in self.given if name not in without})

    def chips(self) -> list[Chip]:
        """Name the filters that are on."""
        return [
            Chip(
                f"{self.fields[name].label}: {choices.word(self.fields[name], self.data[name].strip())}",
                self.query(name),
            )
            for name in self.given
        ]

    def faults(self) -> list[str]:
        """Say what could not be read, naming field and rule."""
        return [f"{self.fields[name].label}: {' '.join(map(str, errors))}" for name, errors in self.errors.items()]

    def first_fields(self) -> list[forms.BoundField]:
        return [field for field in self if field.name not in self.more]

    def more_fields(self) -> list[forms.BoundField]:
        return [field for field in self if field.name in self.more]

    @property
    def shows_more(self) -> bool:
        """Tell whether a field behind "More filters" is on or at fault."""
        return any(name in self.given or name in self.errors for name in self.more)


class LeadFilterForm(FilterForm):
    more = ("source", "storefront", "kind", "country", "since", "until")

    q = _text("Search", "E-mail, name or company")
    offer = _choice("Offer")
    stage = _choice("Stage", [(value, label.capitalize()) for value, label in Stage.choices], number=True)
    state = _choice("Delivery", STATES)
    source = _choice("Source", Source.choices)
    storefront = _choice("Storefront", Storefront.choices)
    kind = _choice("Kind", Lead.Kind.choices)
    country = _text("Country", "As sent, such as US")
    since = _day("Since")
    until = _day("Until")

    def __init__(self, asked: QueryDict, offers: QuerySet[Offer]) -> None:
        super().__init__(asked, offer=_names(offers))

    def filter(self) -> LeadFilter:
        since, until = self.given.get("since"), self.given.get("until")
        return LeadFilter(
            **self.given
            | {"since": since and _midnight(since), "until": until and _midnight(until + timedelta(days=1))}
        )


class DeliveryFilterForm(FilterForm):
    state = _choice("State", STATES)
    destination = _choice("Destination", number=True)
    offer = _choice("Offer")
    cause = _text("Cause", "Such as http-503")
    since = _day("Since")

    def __init__(self, asked: QueryDict, offers: QuerySet[Offer], destinations: QuerySet[Destination]) -> None:
        places = destinations.order_by("name").values_list("pk", "name")
        super().__init__(asked, offer=_names(offers), destination=list(places))

    def filter(self) -> DeliveryFilter:
        since = self.given.get("since")
        return DeliveryFilter(**self.given | {"since": since and _midnight(since)})


def _names(offers: QuerySet[Offer]) -> list[tuple[str, str]]:
    return [(offer.full_id, offer.title) for offer in offers.order_by("title", "pk")]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
