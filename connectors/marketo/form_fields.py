"""The kinds of settings that only Marketo has, each with its rule."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError

from connectors.forms import TextField

_FORM = re.compile(r"(?:mktoForm_)?([0-9]{1,8})")
_PROGRAM = re.compile(r"(?:PG|ME|NP|EBP)?([0-9]{1,10})(?:[A-Z][0-9])?")


class ReadField(TextField):
    """A text that is read as people copy it, and kept as Marketo writes it.

    ``read`` raises ValueError with the rule, which ends a sentence that begins with the field's name.
    """

    def __init__(self, read: Callable[[str], str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.read = read

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        try:
            return self.read(typed) if typed else typed
        except ValueError as rule:
            raise ValidationError(f"{self.label} {rule}") from None


def form_number(text: str) -> str:
    """Return the number of a form, from itself or as it stands in the embed code."""
    return _number(_FORM, text, "must be the number after mktoForm_ in the embed code, such as 1179.")


def program_number(text: str) -> str:
    """Return the number of a program, from itself or as it stands in the program's address."""
    return _number(_PROGRAM, text, "must be its number, such as 1107 in an address that ends with #PG1107A1.")


def _number(pattern: re.Pattern[str], text: str, rule: str) -> str:
    found = pattern.fullmatch(text)
    if found is None:
        raise ValueError(rule)
    return str(int(found[1]))
