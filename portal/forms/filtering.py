"""What a list's filter is made of: a form that reads a page's address.

A value that cannot be read becomes a sentence and is left out; the rest still filters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast
from urllib.parse import urlencode

from django import forms
from django.core.validators import MaxValueValidator
from django.http import QueryDict

from portal.forms import choices

DATE = "Enter a date such as 2026-01-31."
ANY = ("", "Any")
Choices = Sequence[tuple[Any, str]]


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter that is on: what it says, and the query string without it."""

    text: str
    without: str


def choice(label: str, values: Choices = (), *, number: bool = False) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        choices=[ANY, *values],
        coerce=int if number else str,
        empty_value=None if number else "",
        required=False,
        error_messages={"invalid_choice": "“%(value)s” is not among the choices."},
    )


def day(label: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date"}),
        validators=[MaxValueValidator(date(2999, 12, 31), DATE)],
        error_messages={"invalid": DATE},
    )


def text(label: str, placeholder: str = "") -> forms.CharField:
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
