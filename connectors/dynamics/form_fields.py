"""The kinds of settings that only Dynamics 365 has, each with its rule."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from connectors.dynamics import certificates, hosts
from connectors.forms import AddressField, TextField
from connectors.key_files import KeyFileField


class ChoiceField(forms.ChoiceField):
    """A choice that is the first one where none is made."""

    def __init__(self, *, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(choices=choices, initial=choices[0][0], required=False, **kwargs)

    def clean(self, value: Any) -> Any:
        return super().clean(value) or self.initial


class InstanceField(AddressField):
    """The address of an environment, typed as people know it and kept whole."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"placeholder": hosts.EXAMPLE, "spellcheck": "false", "inputmode": "url"})
        super().__init__(widget=widget, **kwargs)

    def to_python(self, value: Any) -> Any:
        typed = super().to_python(value)
        try:
            return hosts.instance_url(typed) if typed else typed
        except ValueError as rule:
            raise ValidationError(f"The {str(self.label).lower()} {rule}", code="address") from None


class RuledField(TextField):
    """A text with a rule; ``fault`` ends a sentence that begins with the field's name."""

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and (rule := self.fault(value)):
            raise ValidationError(f"{self.label} {rule}")

    def fault(self, value: str) -> str:
        raise NotImplementedError


class GuidField(RuledField):
    """An id as Microsoft writes them, kept in lower case."""

    def to_python(self, value: Any) -> Any:
        typed = super().to_python(value)
        return typed.strip("{}").lower() if typed else typed

    def fault(self, value: str) -> str:
        rule = "must be 36 characters: hexadecimal digits in groups of 8, 4, 4, 4 and 12, with hyphens between."
        return "" if hosts.is_guid(value) else rule


class DirectoryField(GuidField):
    """A directory of Entra ID, by its id or by a domain of it."""

    def fault(self, value: str) -> str:
        rule = "must be an ID of 36 characters with hyphens, or a domain such as contoso.onmicrosoft.com."
        return "" if hosts.is_directory(value) else rule


class CertificateField(KeyFileField):
    """A certificate with its private key."""

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and (rule := certificates.fault(value)):
            raise ValidationError(f"The {str(self.label).lower()} {rule}")


class DayField(RuledField):
    """A day that has come, kept as YYYY-MM-DD."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.TextInput(attrs={"type": "date"}), max_length=10, **kwargs)

    def fault(self, value: str) -> str:
        try:
            day = date.fromisoformat(value)
        except ValueError:
            return "must be a day, written YYYY-MM-DD."
        return "must not be in the future." if day > datetime.now(UTC).date() else ""
