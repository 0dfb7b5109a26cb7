"""The settings form of a Salesforce destination."""

from __future__ import annotations

from django import forms

from connectors.forms import ConnectorForm, TextField
from connectors.salesforce import duplicates, signin
from connectors.salesforce.config import NOT_PROVIDED
from connectors.salesforce.form_fields import ChoiceField, IdField, KeyField, MyDomainField, PrivateKeyField

MODES = [
    ("rest", "REST API (recommended)"),
    ("web_to_lead", "Web-to-Lead (cannot confirm)"),
]
ASSIGNMENTS = [
    ("default", "The active assignment rule decides"),
    ("off", "No rule: leads belong to the integration user"),
    ("rule", "A certain assignment rule"),
]

_KEPT = "Kept encrypted and not shown again."


class SalesforceForm(ConnectorForm):
    """Which way leads go, how to sign in, and what Salesforce is to do with them."""

    secrets = frozenset(("client_secret", "private_key", "password", "security_token"))
    only_for = {
        "mode": {
            "rest": (
                *("my_domain", "auth", "client_id", "external_id_field"),
                *("duplicates", "assignment", "campaign_id"),
            ),
            "web_to_lead": ("organization_id",),
        },
        "auth": {
            "client_credentials": ("client_secret",),
            "jwt": ("username", "private_key"),
            "password": ("username", "client_secret", "password", "security_token"),
        },
        "assignment": {"rule": ("assignment_rule",)},
    }
    optional = frozenset(("external_id_field", "campaign_id", "security_token"))
    binds_secrets = frozenset(("my_domain",))

    mode = ChoiceField(
        label="Way in",
        choices=MODES,
        help_text="The REST API says of each lead what became of it. Web-to-Lead needs no sign-in, takes 500 leads a"
        " day and cannot confirm one: it answers a form that failed as it answers one that did not.",
    )
    sandbox = forms.BooleanField(
        label="This is a sandbox", required=False, help_text="An organization for trying things out, not the live one."
    )
    organization_id = IdField(
        "00D",
        label="Organization ID",
        help_text="15 or 18 characters, beginning with 00D: the value of oid in the form that Web-to-Lead generates.",
    )
    my_domain = MyDomainField(
        label="My Domain",
        max_length=253,
        help_text="Such as contoso.my.salesforce.com. Setup, My Domain, shows it as Current My Domain URL.",
    )
    auth = ChoiceField(
        label="Sign-in",
        choices=signin.CHOICES,
        help_text="All three use an external client app. Choose client credentials unless your rules ask for a key.",
    )
    client_id = TextField(label="Consumer key", max_length=512, help_text="Of the external client app, under OAuth.")
    client_secret = TextField(label="Consumer secret", max_length=512, help_text=_KEPT)
    username = TextField(label="User name", max_length=255, help_text="Of the integration user; it looks like e-mail.")
    private_key = PrivateKeyField(
        label="Private key",
        help_text="The RSA key in PEM format, as text or as a file, whose certificate the app has. " + _KEPT,
    )
    password = TextField(label="Password", max_length=1_000, strip=False, help_text="Of the integration user. " + _KEPT)
    security_token = TextField(
        label="Security token", max_length=255, help_text="Empty if Salesforce trusts our addresses. " + _KEPT
    )
    external_id_field = KeyField(
        label="External ID field",
        max_length=255,
        help_text="The API name of a text field on Lead, unique and an external ID, such as Marketplace_Lead_Id__c."
        " With it a lead that is sent again stays one. Without it, one whose answer is lost waits for you to decide.",
    )
    duplicates = ChoiceField(
        label="Duplicates",
        choices=duplicates.CHOICES,
        help_text="What to do when your duplicate rules find that the lead is there already.",
    )
    assignment = ChoiceField(
        label="Assignment",
        choices=ASSIGNMENTS,
        help_text="Who owns a new lead. Test leads are never assigned.",
    )
    assignment_rule = IdField(
        "01Q", label="Assignment rule", help_text="Its ID, 15 or 18 characters, beginning with 01Q."
    )
    campaign_id = IdField(
        "701",
        label="Campaign",
        help_text="The ID of a campaign, beginning with 701, that every lead becomes a member of. Empty for none.",
    )
    missing_company = TextField(
        label="Where the company is missing",
        max_length=40,
        required=False,
        initial=NOT_PROVIDED,
        help_text="What is written instead, because Salesforce demands one. Leave it empty with person accounts only.",
    )

    def clean_missing_company(self) -> str:
        text: str = self.cleaned_data["missing_company"]
        return text if self.add_prefix("missing_company") in self.data else NOT_PROVIDED
