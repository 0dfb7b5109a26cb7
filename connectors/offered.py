"""A setting that names one of the target's own fields: those that would do are offered where they are known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from connectors.forms import TextField
from connectors.values import TargetField


class OfferedInput(forms.TextInput):
    """A line of text with a list to choose from, which needs no script."""

    offered: Sequence[tuple[str, str]] = ()

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any | None = None
    ) -> SafeString:
        if not self.offered:
            return super().render(name, value, attrs, renderer)
        place = f"{name}-offered"
        control = super().render(name, value, {**(attrs or {}), "list": place}, renderer)
        options = format_html_join("", '<option value="{}">{}</option>', self.offered)
        return format_html('{}<datalist id="{}">{}</datalist>', control, place, options)


class OfferedField(TextField):
    """The name of a field of the target for which ``suits`` holds; another may be typed all the same."""

    widget = OfferedInput

    def __init__(self, *, suits: Callable[[TargetField], bool], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.suits = suits

    def offer(self, fields: Iterable[TargetField]) -> None:
        self.widget.offered = [(field.name, field.label) for field in fields if self.suits(field)]


def offer(form: forms.Form, fields: Sequence[TargetField]) -> None:
    """Offer the target's fields wherever a form asks for the name of one."""
    for field in form.fields.values():
        if isinstance(field, OfferedField):
            field.offer(fields)
