"""The kinds of settings that only Salesforce has, each with its rule."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from connectors.forms import TextField
from connectors.key_files import KeyFileField
from connectors.offered import OfferedField
from connectors.salesforce import hosts, keys


class ChoiceField(forms.ChoiceField):
    """A choice that is the first one where none is made."""

    def __init__(self, *, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(choices=choices, initial=choices[0][0], required=False, **kwargs)

    def clean(self, value: Any) -> Any:
        return super().clean(value) or self.initial


class RuledField(TextField):
    """A text with a rule; ``fault`` ends a sentence that begins with the field's name."""

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and (rule := self.fault(value)):
            raise ValidationError(f"{self.label} {rule}")

    def fault(self, value: str) -> str:
        raise NotImplementedError


class IdField(RuledField):
    """The id of a record, whose first three characters say of what kind it is."""

    def __init__(self, beginning: str, **kwargs: Any) -> None:
        super().__init__(max_length=18, **kwargs)
        self.beginning = beginning

    def fault(self, value: str) -> str:
        known = re.fullmatch(rf"{self.beginning}[A-Za-z0-9]{{12}}([A-Za-z0-9]{{3}})?", value)
        return "" if known else f"must be 15 or 18 letters and digits that begin with {self.beginning}."


class MyDomainField(RuledField):
    """The host of an organization, typed as people know it and kept whole."""

    def to_python(self, value: Any) -> Any:
        typed = super().to_python(value)
        try:
            return hosts.my_domain(typed) if typed else typed
        except ValueError as rule:
            raise ValidationError(f"{self.label} {rule}") from None

    def fault(self, value: str) -> str:
        return "" if hosts.is_my_domain(value) else "must be a My Domain."


class KeyField(RuledField, OfferedField):
    """The API name of the custom field that tells one lead from another."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(suits=lambda field: field.unique, **kwargs)

    def fault(self, value: str) -> str:
        known = hosts.is_field(value) and value.endswith("__c")
        return "" if known else "must be the API name of a custom field, which ends with __c."


class PrivateKeyField(KeyFileField):
    """The RSA key that signs in by JWT."""

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and (rule := keys.fault(value)):
            raise ValidationError(f"The {str(self.label).lower()} {rule}")
