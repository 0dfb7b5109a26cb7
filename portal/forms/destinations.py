"""The form of a destination: its name, and the settings that its connector asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from connectors import offered
from connectors.base import Connector, TargetField
from leads.models import Destination
from portal.forms import filtering

TAKEN = "You have another destination of this name. Choose a name that tells the two apart."


Entered = tuple[QueryDict, MultiValueDict[str, UploadedFile]]
"""What was typed, and the files."""


class NameForm(forms.Form):
    name = forms.CharField(label="Name", max_length=100, help_text="What your colleagues will call it.")
    secret_expires_on = filtering.day("Secret ends on")

    def __init__(self, *args: Any, others: QuerySet[Destination], known_end: date | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.others = others
        told = "Whom you chose under Notifications is told 14, 7 and 1 days before."
        known = f"The secret itself says {known_end:%-d %b %Y}, which goes before a day of yours. " if known_end else ""
        self.fields["secret_expires_on"].help_text = known + told

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if self.others.filter(name__iexact=name).exists():
            raise ValidationError(TAKEN)
        return name


class DestinationForm:
    """Both forms as one. ``entered`` is None on the first look; ``others`` are the names that are taken.

    ``known_end`` is the day that the stored secret gives itself; the form asks for a day of the publisher's own.
    """

    def __init__(
        self,
        entered: Entered | None,
        connector: type[Connector[Any]],
        *,
        others: QuerySet[Destination],
        stored: Mapping[str, Any] | None = None,
        name: str = "",
        secret_expires_on: date | None = None,
        known_end: date | None = None,
    ) -> None:
        initial = {"name": name, "secret_expires_on": None if known_end else secret_expires_on}
        self.naming = NameForm(*(entered or ()), others=others, known_end=known_end, initial=initial)
        self.settings = connector.form_class(*(entered or ()), stored=stored)

    def offer(self, fields: Sequence[TargetField]) -> None:
        """Offer the target's fields where a setting is the name of one."""
        offered.offer(self.settings, fields)

    def is_valid(self) -> bool:
        return all([self.naming.is_valid(), self.settings.is_valid()])

    @property
    def name(self) -> str:
        cleaned: str = self.naming.cleaned_data["name"]
        return cleaned

    @property
    def secret_expires_on(self) -> date | None:
        cleaned: date | None = self.naming.cleaned_data["secret_expires_on"]
        return cleaned

    def taken(self) -> None:
        """Say that somebody else took the name a moment ago."""
        self.naming.add_error("name", TAKEN)

    def to_retype(self) -> list[str]:
        """Name the secrets that were typed: a page never carries one back."""
        data, files = self.settings.data, self.settings.files
        given = [name for name in self.settings.secrets if data.get(name) or files.get(f"{name}_file")]
        return sorted(str(self.settings.fields[name].label) for name in given if name not in self.settings.errors)
