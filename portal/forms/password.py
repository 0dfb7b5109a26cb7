"""The form by which somebody changes their own password."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.forms import PasswordChangeForm


class PasswordForm(PasswordChangeForm):
    """Django's own, in the portal's words. Its rules are those of the settings."""

    error_messages = PasswordChangeForm.error_messages | {
        "password_incorrect": "This is not your present password. Capital and small letters differ.",
        "password_mismatch": "This is not the same as the new password above. Type it again.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].label = "Present password"
        self.fields["new_password1"].label = "New password"
        self.fields["new_password1"].help_text = "At least 12 characters: several words are good, a common one is not."
        self.fields["new_password2"].label = "New password again"
        self.fields["new_password2"].help_text = ""
        for field in self.fields.values():
            field.error_messages["required"] = f"{field.label} must be filled in."
