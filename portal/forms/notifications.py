"""Forms: whom to tell of what."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from leads.models import Contact
from leads.notify.contacts import Wishes

NONE = "Addresses must name at least one, such as someone@example.com."
MOST = 50
"""Addresses a publisher may have."""
ADDRESS = forms.EmailField(max_length=254)
NAMED = re.compile(r"[^,;\n<>]*<([^<>]*)>")
"""An address as mail programs copy it, behind a name."""


class WishesForm(forms.Form):
    problems = forms.BooleanField(
        label="Problems",
        required=False,
        help_text="A destination is held, away for over an hour, or well again; a secret ends; leads stop coming.",
    )
    digest = forms.BooleanField(
        label="Daily digest",
        required=False,
        help_text="Every morning at six (UTC): yesterday's numbers, and what needs somebody.",
    )
    new_leads = forms.BooleanField(
        label="New leads",
        required=False,
        help_text="How many, for which offers; at most one mail every five minutes.",
    )
    personal_data = forms.BooleanField(
        label="New leads with name and address of the customer",
        required=False,
        help_text="Mail is read by more eyes than the portal. Leave it off unless your rules allow it.",
    )

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("personal_data") and not self.cleaned_data.get("new_leads"):
            self.add_error("personal_data", "Names go with new leads: choose New leads too.")
        elif not any(self.cleaned_data.get(name) for name in ("problems", "digest", "new_leads")):
            raise ValidationError("Choose what to tell: Problems, Daily digest or New leads.")
        return self.cleaned_data

    def wishes(self) -> Wishes:
        return Wishes(**{name: self.cleaned_data[name] for name in WishesForm.base_fields})


class ContactsForm(WishesForm):
    """Addresses to add, and what to tell them. ``known`` are those there are."""

    emails = forms.CharField(
        label="Addresses",
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocapitalize": "none"}),
        help_text="One or several, with commas or semicolons between.",
        error_messages={"required": NONE},
    )
    field_order = ["emails"]

    def __init__(self, *args: Any, known: QuerySet[Contact], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"problems": True}
        self.known = known

    def clean_emails(self) -> list[str]:
        emails = list(dict.fromkeys(_addresses(self.cleaned_data["emails"])))
        if not emails:
            raise ValidationError(NONE)
        _refuse([email for email in emails if not _is_address(email)], "{} is not an address", "{} are not addresses")
        known = {email.lower() for email in self.known.values_list("email", flat=True)}
        _refuse(
            [email for email in emails if email in known], "{} is in the list already", "{} are in the list already"
        )
        if len(known) + len(emails) > MOST:
            raise ValidationError(f"At most {MOST} addresses can be told; there are {len(known)} already.")
        return emails


def _addresses(text: str) -> Iterable[str]:
    return filter(None, re.split(r"[,;\s]+", NAMED.sub(r" \1 ", text).lower()))


def _is_address(text: str) -> bool:
    try:
        ADDRESS.clean(text)
    except ValidationError:
        return False
    return True


def _refuse(wrong: list[str], one: str, several: str) -> None:
    if wrong:
        sentence = (several if len(wrong) > 1 else one).format(" and ".join(wrong))
        raise ValidationError(f"{sentence}. Nobody has been added yet.")
