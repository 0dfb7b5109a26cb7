"""The settings form of a Dynamics 365 destination."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms

from connectors.dynamics import signin
from connectors.dynamics.form_fields import (
    CertificateField,
    ChoiceField,
    DayField,
    DirectoryField,
    GuidField,
    InstanceField,
)
from connectors.forms import ConnectorForm, TextField

OWNERS = [
    ("application", "The user that the portal signs in as"),
    ("user", "A certain user"),
    ("team", "A certain team"),
]

_KEPT = "Kept encrypted and not shown again."


class DynamicsForm(ConnectorForm):
    """Which environment, how to sign in to it, and what it is to do with leads."""

    secrets = frozenset(("application_key", "certificate", "password"))
    only_for = {
        "authentication": {
            "azure_ad": ("directory_id", "application_id", "application_key"),
            "certificate": ("directory_id", "application_id", "certificate"),
            "office365": ("username", "password", "password_set_on"),
        },
        "owner": {"user": ("owner_id",), "team": ("owner_id",)},
    }
    optional = frozenset(("password_set_on",))

    instance_url = InstanceField(
        label="Instance address",
        max_length=255,
        help_text="What your browser shows while you work in Dynamics 365, up to the host:"
        " https://contoso.crm4.dynamics.com. Its end says in which cloud to sign in.",
    )
    authentication = ChoiceField(
        label="Sign-in",
        choices=signin.CHOICES,
        help_text="An application needs no licence and no password. A user is for those who cannot register one.",
    )
    directory_id = DirectoryField(
        label="Directory ID", max_length=253, help_text="The directory (tenant) ID on your app registration's overview."
    )
    application_id = GuidField(
        label="Application ID", max_length=38, help_text="The application (client) ID on the same page."
    )
    application_key = TextField(
        label="Client secret",
        max_length=2_048,
        help_text="The value of a secret under Certificates & secrets, not its ID. " + _KEPT,
    )
    certificate = CertificateField(
        label="Certificate",
        help_text="The certificate that the app registration has, and its private key (RSA), in one PEM text or file."
        " The day it ends on is read from it. " + _KEPT,
    )
    username = TextField(
        label="User name", max_length=128, help_text="Such as leads@contoso.onmicrosoft.com, without a second factor."
    )
    password = TextField(label="Password", max_length=256, strip=False, help_text=_KEPT)
    password_set_on = DayField(
        label="Password set on",
        help_text="Passwords of Microsoft 365 usually end after 90 days: you are reminded before. Empty for today.",
    )
    lead_source = TextField(
        label="Lead source otherwise",
        max_length=200,
        required=False,
        initial="Web",
        help_text="The choice that a lead gets where your Lead Source column names neither AzureMarketplace-INS|… nor"
        " the storefront alone. What it was stands in the description in any case. Empty for none.",
    )
    duplicate_detection = forms.BooleanField(
        label="Apply duplicate detection rules",
        required=False,
        help_text="A lead that your rules find to be there already is then not written again, and counts as delivered.",
    )
    owner = ChoiceField(label="Owner", choices=OWNERS, help_text="Whom new leads belong to.")
    owner_id = GuidField(
        label="Owner ID", max_length=38, help_text="Of that user or team: the id in its page's address."
    )
    campaign_id = GuidField(
        label="Source campaign",
        max_length=38,
        required=False,
        help_text="The ID of a campaign that leads come from: the id in its page's address. Empty for none.",
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("password") and cleaned.get("password_set_on") in ("", self.stored.get("password_set_on")):
            cleaned["password_set_on"] = datetime.now(UTC).date().isoformat()
        return cleaned
