"""The settings form of a table in a storage account."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django import forms

from connectors.azure_table import accounts, connection_strings
from connectors.azure_table.accounts import Fault
from connectors.azure_table.config import (
    DEFAULT_TABLE,
    check_application,
    check_directory,
    check_table,
)
from connectors.forms import ConnectorForm, TextField

LONGEST_CONNECTION_STRING = 4_000


class AzureTableForm(ConnectorForm):
    """Which table, and how the portal signs in."""

    secrets = frozenset(("connection_string", "application_key"))
    only_for = {
        "auth": {
            "connection_string": ("connection_string",),
            "entra": ("account", "directory_id", "application_id", "application_key"),
        }
    }

    binds_secrets = frozenset(("account",))

    auth = forms.ChoiceField(
        label="Sign-in",
        choices=[("connection_string", "Connection string"), ("entra", "Application in Entra ID")],
        initial="connection_string",
        required=False,
        help_text="A connection string is quick; an application can be limited to tables and needs no account key.",
    )
    connection_string = TextField(
        label="Connection string",
        max_length=LONGEST_CONNECTION_STRING,
        help_text=(
            "In Azure: storage account, Access keys, Connection string. One with a shared access signature will do"
            " as well; the portal reads from it when it ends. Kept encrypted and not shown again."
        ),
    )
    account = TextField(
        label="Storage account",
        max_length=100,
        help_text="Its name, such as contosoleads. Outside Azure's public cloud, the host of its tables.",
    )
    directory_id = TextField(
        label="Directory (tenant) ID", max_length=253, help_text="On the overview of your application in Entra ID."
    )
    application_id = TextField(
        label="Application (client) ID", max_length=36, help_text="On the overview of your application in Entra ID."
    )
    application_key = TextField(
        label="Client secret",
        max_length=1_000,
        help_text="The value, not the id, of a client secret of the application. Kept encrypted and not shown again.",
    )
    table_name = TextField(
        label="Table",
        max_length=63,
        required=False,
        initial=DEFAULT_TABLE,
        help_text=f"Left empty, {DEFAULT_TABLE}. The portal makes the table if it may.",
    )

    def clean_auth(self) -> str:
        return self.cleaned_data["auth"] or "connection_string"

    def clean_table_name(self) -> str:
        return self.cleaned_data["table_name"] or DEFAULT_TABLE

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for name, rule in self._rules():
            self._hold(name, rule)
        if not self.errors and self.cleaned_data["auth"] == "connection_string":
            self._hold("connection_string", self._judge_signature)
        return cleaned

    def _rules(self) -> Iterator[tuple[str, Callable[[str], object]]]:
        yield "table_name", check_table
        if self.cleaned_data.get("auth") == "entra":
            yield from (("account", accounts.typed), ("directory_id", check_directory))
            yield "application_id", check_application
        else:
            yield "connection_string", connection_strings.read

    def _hold(self, name: str, rule: Callable[[str], object]) -> None:
        """Hold a field to a rule that raises Fault; one that is faulty already needs no second sentence."""
        value = self.value(name)
        if name in self.errors or not value:
            return
        try:
            rule(value)
        except Fault as fault:
            label = str(self.fields[name].label)
            self.add_error(name, f"The {label[0].lower()}{label[1:]} {fault}.")

    def _judge_signature(self, text: str) -> None:
        shared = connection_strings.read(text).shared
        for fault in shared.faults(self.cleaned_data["table_name"]) if shared else ():
            raise Fault(f"has a signature that {fault}")
