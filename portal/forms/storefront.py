"""The form behind an offer's buttons."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from typing import Any

from django import forms

from leads.intake import Contact, Event
from leads.models import Lead, Offer
from leads.taxonomy import Action, Source, Storefront
from portal.forms.storefront_words import WORDS, said

TOKEN = re.compile(r"[\w-]{32}")
MOST_EXTRAS, LONGEST_EXTRA = 10, 200
NOTES_LENGTH = 4000


def line(
    name: str, label: str, autocomplete: str, kind: type[forms.CharField] = forms.CharField, *, required: bool = False
) -> forms.CharField:
    """Make the field for one of the customer's details, as long as the lead's column."""
    limit = getattr(Lead, name).field.max_length
    field = kind(label=label, required=required, max_length=limit)
    field.widget.attrs["autocomplete"] = autocomplete
    field.error_messages |= {
        "required": f"{label} is needed.",
        "invalid": f"{label} must be an address such as name@example.com.",
        "max_length": f"{label} must be at most {limit} characters.",
        "null_characters_not_allowed": f"{label} must not hold a NUL character.",
    }
    return field


class AcquireForm(forms.Form):
    """A customer's seven fields, with what the pressed button asks for besides."""

    first_name = line("first_name", "First name", "given-name", required=True)
    last_name = line("last_name", "Last name", "family-name", required=True)
    email = line("email", "E-mail", "email", forms.EmailField, required=True)
    phone = line("phone", "Phone", "tel")
    company = line("company", "Company", "organization")
    title = line("title", "Job title", "organization-title")
    country = line("country", "Country or region", "country-name")
    notes = forms.CharField(
        label="Notes",
        required=False,
        max_length=NOTES_LENGTH,
        help_text="What would you like to talk about?",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    consent = forms.BooleanField()
    website = forms.CharField(required=False, widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}))
    """Hidden from people; only a machine fills it in."""
    token = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None, *, action: Action, offer: Offer) -> None:
        super().__init__(data, initial={"token": secrets.token_urlsafe(24)})
        self.words = said(WORDS[action], offer)
        self.person = [name for name in Contact.__slots__ if name in self.fields]
        if action is not Action.PARTNER_LED_TRIAL:
            del self.fields["notes"]
        if self.words.consent:
            self.fields["consent"].label = self.words.consent
            self.fields["consent"].error_messages["required"] = "Tick this to go on: without it nothing is sent."
        else:
            del self.fields["consent"]

    @property
    def by_machine(self) -> bool:
        """Tell whether the field that people do not see was filled in."""
        return bool(self.cleaned_data["website"])

    def clean_token(self) -> str:
        """Take a token that the page gave out; any other only loses its protection against doubling."""
        token: str = self.cleaned_data["token"]
        return token if TOKEN.fullmatch(token) else secrets.token_urlsafe(24)

    def event(
        self, offer: Offer, storefront: Storefront, button: tuple[Source, Action], extra: Mapping[str, str]
    ) -> Event:
        """Say what the customer did, once the form is valid."""
        given = self.cleaned_data
        return Event(
            offer=offer,
            source=button[0],
            action=button[1],
            contact=Contact(**{name: given[name] for name in self.person}),
            description=given.get("notes") or (json.dumps(extra) if extra else ""),
            consent=given.get("consent"),
            extra=extra,
            storefront=storefront,
            idempotency_key=f"storefront:{given['token']}",
        )

    def ask_again(self) -> None:
        """Refuse what was sent before in other words, and let the next press send it anew."""
        self.data = dict(self.data.items()) | {"token": secrets.token_urlsafe(24)}
        self.add_error(None, "You have sent this form before, with other details. Send it once more if you mean these.")


def extras(query: Mapping[str, str]) -> dict[str, str]:
    """Keep what else the address said, such as a campaign: the first ten names, cut to 200 characters each."""
    said_besides = [(_cut(name), _cut(value)) for name, value in query.items() if name != "do"]
    return dict(said_besides[:MOST_EXTRAS])


def _cut(text: str) -> str:
    return text.replace("\x00", "")[:LONGEST_EXTRA]
