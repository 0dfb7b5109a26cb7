"""The forms that ask who somebody is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.utils import timezone

from portal import throttle

TOO_OFTEN = "too-often"
"""The code of the error that says when to try again."""


class Throttled(AuthenticationForm):
    """Looks at a password only where there were not too many wrong ones before it."""

    def clean(self) -> dict[str, Any]:
        name, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if self.request is None or not name or not password:
            return super().clean()
        attempt = throttle.of_request(self.request, name)
        wait = attempt.begin()
        if wait:
            raise ValidationError(_too_often(wait), code=TOO_OFTEN)
        cleaned = super().clean()
        attempt.succeed()
        return cleaned


class SignInForm(Throttled):
    """One sentence for a wrong name and a wrong password alike, so that it tells nobody which names exist."""

    error_messages = {
        "invalid_login": "This username and password do not belong together. Capital and small letters differ.",
        "inactive": "This account is switched off. An owner of your publisher can have it switched on again.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.error_messages["required"] = f"{field.label} must be filled in."


class OperatorSignInForm(Throttled, AdminAuthenticationForm):
    """The admin's own, throttled the same."""


def _too_often(seconds: int) -> str:
    minutes = -(-seconds // 60)
    at = timezone.now() + timedelta(minutes=minutes)
    wait = "a minute" if minutes == 1 else f"{minutes} minutes"
    return f"There were too many tries with a wrong password. Try again in {wait}, at {at:%H:%M} UTC."
