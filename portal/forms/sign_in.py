"""The form that asks who somebody is."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.forms import AuthenticationForm


class SignInForm(AuthenticationForm):
    """One sentence for a wrong name and a wrong password alike, so that it tells nobody which names exist."""

    error_messages = {
        "invalid_login": "This username and password do not belong together. Capital and small letters differ.",
        "inactive": "This account is switched off. An owner of your publisher can have it switched on again.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.error_messages["required"] = f"{field.label} must be filled in."
