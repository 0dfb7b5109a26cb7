"""The form every connector's settings form grows from; pages and the API validate with the same class."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError

from connectors import urls
from connectors.key_files import KeyFileField, KeyFileWidget

__all__ = ["AddressField", "ConnectorForm", "KeyFileField", "TextField"]

STORED = "•••••••• stored; leave empty to keep it"


class TextField(forms.CharField):
    """A line of text. JSON that is something else is refused, not written out."""

    def to_python(self, value: Any) -> Any:
        if value is not None and not isinstance(value, str):
            raise ValidationError("Enter text, not a number, a list or an object.", code="not-text")
        return super().to_python(value)


class AddressField(TextField):
    """An https URL that does not, by its text, lead to a network of our own."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.URLInput(attrs={"placeholder": "https://", "spellcheck": "false"})
        super().__init__(**{"widget": widget} | kwargs)

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and (rule := urls.fault(value)):
            raise ValidationError(f"The {str(self.label).lower()} {rule}", code="address")


class ConnectorForm(forms.Form):
    """Settings of one destination. Field names are the config keys.

    ``stored`` holds the saved settings. A secret is never sent back to the page: its field stays empty, and an empty
    field keeps the stored value.
    """

    secrets: frozenset[str] = frozenset()
    """Names of secret fields; the registry's contract test holds them equal to the config's."""
    only_for: ClassVar[Mapping[str, Mapping[str, Sequence[str]]]] = {}
    """Fields that belong to one choice of another: ``{"auth": {"basic": ("username", "password")}}``.

    They are needed with that choice, and cleared with any other. Their widgets say so in ``data-only-for``.
    """
    optional: frozenset[str] = frozenset()
    """Fields named in ``only_for`` that may be empty all the same."""
    binds_secrets: frozenset[str] = frozenset()
    """Fields, besides every :class:`AddressField`, that say which host is spoken to: a domain, an account.

    Where one changes, stored secrets are asked for again, so that none goes to a host it was not meant for.
    """

    def __init__(self, *args: Any, stored: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        self.stored = dict(stored or {})
        shown = {key: value for key, value in self.stored.items() if key not in self.secrets}
        kwargs["initial"] = shown | dict(kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.error_messages["required"] = f"{field.label} is required."
        for name in self.secrets & self.fields.keys():
            self._keep_stored(name)
        for chooser, choice, name in self._dependents():
            self.fields[name].required = False
            attrs = self.fields[name].widget.attrs
            attrs["data-only-for"] = f"{attrs.get('data-only-for', '')} {chooser}={choice}".strip()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for chooser, choice, name in self._dependents():
            if self._in_use(chooser) and self.value(chooser) == choice:
                self._need(name, chooser, choice)
        moved = self._moved()
        if moved:
            self._ask_again(moved[0])
        return cleaned

    def value(self, name: str) -> Any:
        """Return a cleaned value, or the stored one for a secret left empty."""
        entered = self.cleaned_data.get(name)
        if entered in (None, "") and name in self.secrets:
            return self.stored.get(name, "")
        return entered

    def config(self) -> dict[str, Any]:
        """Return the settings to store: what was entered over what the portal had issued or kept."""
        return self.stored | {name: self.value(name) if self._in_use(name) else "" for name in self.fields}

    def _dependents(self) -> Iterator[tuple[str, str, str]]:
        for chooser, choices in self.only_for.items():
            for choice, names in choices.items():
                yield from ((chooser, choice, name) for name in names)

    def _in_use(self, name: str) -> bool:
        rules = [(chooser, choice) for chooser, choice, dependent in self._dependents() if dependent == name]
        return not rules or any(self._in_use(chooser) and self.value(chooser) == choice for chooser, choice in rules)

    def _need(self, name: str, chooser: str, choice: str) -> None:
        if name in self.optional or name in self.errors or self.value(name):
            return
        chosen = self.fields[chooser]
        choices: Any = getattr(chosen, "choices", ())
        what = f'{str(chosen.label).lower()} "{dict(choices).get(choice, choice)}"'
        self.add_error(name, f"{self.fields[name].label} is needed for {what}.")

    def _moved(self) -> list[str]:
        """Name the fields by which another host is spoken to than the stored secrets were meant for."""
        addresses = (name for name, field in self.fields.items() if isinstance(field, AddressField))
        bound = sorted({*addresses, *self.binds_secrets} - self.errors.keys())
        return [
            name for name in bound if self._in_use(name) and _host(self.value(name)) != _host(self.stored.get(name))
        ]

    def _ask_again(self, moved: str) -> None:
        for name in self.secrets - self.errors.keys():
            if self.stored.get(name) and self._in_use(name) and not self.cleaned_data.get(name):
                what, why = str(self.fields[name].label).lower(), str(self.fields[moved].label)
                why = why.lower() if isinstance(self.fields[moved], AddressField) else why
                self.add_error(name, f"Enter the {what} again: the {why} changed.")

    def _keep_stored(self, name: str) -> None:
        field, is_stored = self.fields[name], bool(self.stored.get(name))
        field.required = field.required and not is_stored
        if isinstance(field.widget, KeyFileWidget):
            field.widget.say_stored(STORED if is_stored else "-----BEGIN")
            return
        field.widget = forms.PasswordInput(render_value=False, attrs={"autocomplete": "off"})
        if is_stored:
            field.widget.attrs["placeholder"] = STORED


def _host(address: Any) -> str:
    text = str(address or "").strip().casefold()
    return urlsplit(text).netloc or text
