"""The settings form of an HTTPS endpoint."""

from __future__ import annotations

import re

from django import forms
from django.core.exceptions import ValidationError

from connectors.forms import AddressField, ConnectorForm, TextField
from connectors.https_endpoint import signin

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_PRINTABLE = re.compile(r"[\x20-\x7e]*")
_OURS = frozenset(("host", "content-length", "content-type", "content-encoding", "transfer-encoding", "connection"))
_MORE_OF_OURS = frozenset(("user-agent", "accept-encoding", "upgrade", "te", "trailer", "expect", "cookie"))


class EndpointForm(ConnectorForm):
    """Where to post, and how to sign in beside the signature."""

    secrets = frozenset(("header_value", "password", "token", "client_secret"))
    only_for = {
        "auth": {
            "header": ("header_name", "header_value"),
            "basic": ("username", "password"),
            "bearer": ("token",),
            "oauth2": ("token_url", "client_id", "client_secret", "scope"),
        }
    }
    optional = frozenset(("scope",))

    url = AddressField(
        label="Address",
        help_text="Where each lead is posted, such as https://leads.example.com/marketplace. Port 443 or 8443.",
    )
    auth = forms.ChoiceField(
        label="Sign-in",
        choices=signin.CHOICES,
        initial="none",
        required=False,
        help_text="Every message is signed in any case; choose a sign-in if your endpoint asks for one as well.",
    )
    header_name = TextField(label="Header name", max_length=100, help_text="Such as X-Api-Key.")
    header_value = TextField(label="Header value", max_length=4_000, help_text="Kept encrypted and not shown again.")
    username = TextField(label="User name", max_length=255, help_text="Without a colon.")
    password = TextField(
        label="Password", max_length=1_000, strip=False, help_text="Kept encrypted and not shown again."
    )
    token = TextField(label="Bearer token", max_length=4_000, help_text="Kept encrypted and not shown again.")
    token_url = AddressField(label="Token address", help_text="The token endpoint of your sign-in service.")
    client_id = TextField(label="Client ID", max_length=1_000, help_text="As registered with your sign-in service.")
    client_secret = TextField(label="Client secret", max_length=4_000, help_text="Kept encrypted and not shown again.")
    scope = TextField(
        label="Scope", max_length=1_000, help_text="Leave empty unless your sign-in service asks for one."
    )

    def clean_auth(self) -> str:
        return self.cleaned_data["auth"] or "none"

    def clean_header_name(self) -> str:
        name: str = self.cleaned_data["header_name"]
        if name and not _TOKEN.fullmatch(name):
            raise ValidationError("The header name may hold letters, digits and hyphens only.")
        if name.lower() in _OURS | _MORE_OF_OURS or name.lower().startswith("webhook-"):
            raise ValidationError(f"The header {name} is set by the portal; choose another name.")
        return name

    def clean_header_value(self) -> str:
        return self._sendable("header_value")

    def clean_token(self) -> str:
        return self._sendable("token")

    def clean_username(self) -> str:
        name: str = self.cleaned_data["username"]
        if ":" in name:
            raise ValidationError("The user name must not contain a colon.")
        return name

    def _sendable(self, name: str) -> str:
        value: str = self.cleaned_data[name]
        if not _PRINTABLE.fullmatch(value):
            raise ValidationError(
                f"The {str(self.fields[name].label).lower()} may hold plain printable characters only."
            )
        return value
