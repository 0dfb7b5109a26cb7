"""The settings form of a Marketo destination."""

from __future__ import annotations

from typing import Any

from django import forms

from connectors.forms import ConnectorForm, TextField
from connectors.marketo import form_fields, hosts
from connectors.marketo.form_fields import ReadField

MODES = [
    ("sync", "Synchronise leads (recommended)"),
    ("form", "Fill out a form"),
]


class MarketoForm(ConnectorForm):
    """Which subscription, how to sign in, and how leads get in."""

    secrets = frozenset(("client_secret",))
    only_for = {"mode": {"sync": ("partition",), "form": ("form_id",)}}
    optional = frozenset(("partition",))
    binds_secrets = frozenset(("munchkin_id",))

    munchkin_id = ReadField(
        hosts.munchkin_id,
        label="Munchkin ID",
        max_length=100,
        help_text="Such as 123-ABC-456: Admin, Munchkin shows it. The REST address from Admin, Web Services will do.",
    )
    client_id = TextField(
        label="Client ID", max_length=100, help_text="Of a custom service: Admin, LaunchPoint, View Details."
    )
    client_secret = TextField(
        label="Client secret",
        max_length=200,
        help_text="From the same place as the client ID. Kept encrypted and not shown again.",
    )
    mode = forms.ChoiceField(
        label="Way in",
        choices=MODES,
        initial="sync",
        required=False,
        help_text="Synchronising takes one call for 300 leads. A form takes a call for each, and your smart campaigns"
        " see it filled out.",
    )
    form_id = ReadField(
        form_fields.form_number,
        label="Form ID",
        max_length=40,
        help_text="A number, such as 1179: in the form's embed code it follows mktoForm_.",
    )
    program = TextField(
        label="Program",
        max_length=255,
        required=False,
        help_text="The program that leads come in by; empty for none. Its name, or with a form its number, such as 1107"
        " in #PG1107A1.",
    )
    partition = TextField(
        label="Partition",
        max_length=255,
        required=False,
        help_text="The partition for new people, by its name; empty for the default one. A form has its own.",
    )
    server_id = ReadField(
        hosts.server_id,
        label="Server ID",
        max_length=100,
        required=False,
        help_text="Such as ab12, from app-ab12.marketo.com where you work. Leads are delivered without it; with it each"
        " one links to its record.",
    )

    def clean_mode(self) -> str:
        return self.cleaned_data["mode"] or "sync"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        program = cleaned.get("program")
        if program and cleaned.get("mode") == "form":
            try:
                cleaned["program"] = form_fields.program_number(program)
            except ValueError as rule:
                self.add_error("program", f"Program {rule}")
        return cleaned
