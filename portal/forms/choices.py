"""What a form's field calls its values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django import forms


def word(field: forms.Field | None, value: Any) -> str:
    """Return the label of a choice, or the value itself where the field offers none."""
    if not isinstance(field, forms.ChoiceField):
        return str(value)
    choices = cast(Iterable[tuple[Any, str]], field.choices)
    return next((str(label) for known, label in choices if str(known) == str(value)), str(value))
