"""The form every connector's settings form grows from; pages and the API validate with the same class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms


class ConnectorForm(forms.Form):
    """Settings of one destination. Field names are the config keys.

    ``stored`` holds the saved settings. A secret is never sent back to the page: its field stays empty, and an empty
    field keeps the stored value.
    """

    secrets: frozenset[str] = frozenset()
    """Names of secret fields; the registry's contract test holds them equal to the config's."""

    def __init__(self, *args: Any, stored: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        self.stored = dict(stored or {})
        shown = {key: value for key, value in self.stored.items() if key not in self.secrets}
        kwargs["initial"] = shown | dict(kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        for name in self.secrets & self.fields.keys():
            self._keep_stored(name)

    def _keep_stored(self, name: str) -> None:
        field = self.fields[name]
        field.widget = forms.PasswordInput(render_value=False, attrs={"autocomplete": "off"})
        if self.stored.get(name):
            field.required = False
            field.widget.attrs["placeholder"] = "•••••••• stored; leave empty to keep it"

    def value(self, name: str) -> Any:
        """Return a cleaned value, or the stored one for a secret left empty."""
        entered = self.cleaned_data.get(name)
        if entered in (None, "") and name in self.secrets:
            return self.stored.get(name, "")
        return entered

    def config(self) -> dict[str, Any]:
        """Return the settings to store: what was entered over what the portal had issued or kept."""
        return self.stored | {name: self.value(name) for name in self.fields}
