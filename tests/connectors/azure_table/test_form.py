"""The settings form, from a page or from JSON."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.azure_table.connector import AzureTable
from connectors.azure_table.forms import AzureTableForm
from leads.notify import expiry
from tests.connectors.azure_table.signatures import account_signature, table_signature
from tests.connectors.azure_table.worlds import AS_APPLICATION, BY_KEY, CONNECTION_STRING
from tests.factories import make_destination
from tests.leads.told import subjects, want

NOT_AZURES = "is not one of Azure's; leave it as Azure shows it"


def faults(data: dict[str, Any]) -> dict[str, list[str]]:
    return {name: [str(fault) for fault in found] for name, found in AzureTableForm(data=data).errors.items()}


def test_a_connection_string_is_enough() -> None:
    form = AzureTableForm(data={"connection_string": CONNECTION_STRING})
    assert form.is_valid()
    assert (form.config()["auth"], form.config()["table_name"]) == ("connection_string", "MarketplaceLeads")


def test_an_application_needs_all_of_it() -> None:
    assert faults({"auth": "entra"}) == {
        "account": ['Storage account is needed for sign-in "Application in Entra ID".'],
        "directory_id": ['Directory (tenant) ID is needed for sign-in "Application in Entra ID".'],
        "application_id": ['Application (client) ID is needed for sign-in "Application in Entra ID".'],
        "application_key": ['Client secret is needed for sign-in "Application in Entra ID".'],
    }
    assert faults(AS_APPLICATION) == {}


def test_secret_of_the_other_sign_in_is_forgotten() -> None:
    form = AzureTableForm(data=AS_APPLICATION, stored=BY_KEY)
    assert form.is_valid()
    assert form.config()["connection_string"] == ""


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({}, {"connection_string": ['Connection string is needed for sign-in "Connection string".']}),
        ({"connection_string": 7}, {"connection_string": ["Enter text, not a number, a list or an object."]}),
        (
            {"connection_string": "AccountName=contoso;AccountKey=c2VzYW1l", "table_name": "my leads"},
            {"table_name": ["The table must have 3 to 63 letters and digits, the first a letter."]},
        ),
        (
            {"connection_string": "AccountName=contoso;AccountKey=c2VzYW1l;EndpointSuffix=example.com"},
            {"connection_string": [f"The connection string has an EndpointSuffix that {NOT_AZURES}."]},
        ),
        (
            {"connection_string": "AccountName=Contoso;AccountKey=c2VzYW1l"},
            {
                "connection_string": [
                    "The connection string has an AccountName that must have 3 to 24 lower-case letters and digits."
                ]
            },
        ),
        (
            {"connection_string": table_signature(table="OtherLeads")},
            {
                "connection_string": [
                    "The connection string has a signature that is for another table than MarketplaceLeads."
                ]
            },
        ),
        (
            {"connection_string": table_signature("r")},
            {
                "connection_string": [
                    "The connection string has a signature that must allow adding and updating (sp with a and u)."
                ]
            },
        ),
        (
            {"connection_string": account_signature().replace("srt=soc", "srt=s")},
            {
                "connection_string": [
                    "The connection string has a signature that must be for objects, the rows of a table (srt with o)."
                ]
            },
        ),
        (
            {"connection_string": account_signature().replace("ss=t", "ss=b")},
            {
                "connection_string": [
                    "The connection string has a signature that must be for the table service (ss with t)."
                ]
            },
        ),
        (
            {"connection_string": account_signature().replace("se=", "se=soon")},
            {
                "connection_string": [
                    "The connection string must hold a shared access signature that ends on a date (se=2027-01-31)."
                ]
            },
        ),
    ],
)
def test_names_the_field_and_the_rule(data: dict[str, Any], expected: dict[str, list[str]]) -> None:
    assert faults(data) == expected


def test_secret_is_asked_for_again_where_the_account_changes() -> None:
    entered = AS_APPLICATION | {"account": "anotheraccount", "application_key": ""}
    form = AzureTableForm(data=entered, stored=AS_APPLICATION)
    assert form.errors == {"application_key": ["Enter the client secret again: the Storage account changed."]}


@pytest.mark.parametrize("signature", [account_signature(), table_signature(), table_signature("au")])
def test_takes_signatures_as_azure_shows_them(signature: str) -> None:
    assert faults({"connection_string": signature}) == {}


def test_end_of_a_signature_is_read_from_it() -> None:
    stored = BY_KEY | {"connection_string": account_signature(days=30)}
    assert AzureTable.secret_ends(stored) == (datetime.now(UTC) + timedelta(days=30)).date()


@pytest.mark.django_db
def test_end_of_a_signature_is_announced() -> None:
    want()
    signed = {"connection_string": account_signature(days=7), "table_name": "MarketplaceLeads"}
    make_destination("Lead table", connector="azure_table", config=BY_KEY | signed)
    expiry.look()
    assert subjects() == ["The secret of Lead table ends in 7 days"]


@pytest.mark.parametrize(
    "stored", [BY_KEY, AS_APPLICATION, BY_KEY | {"connection_string": "nonsense"}, {}, {"auth": "entra"}]
)
def test_what_has_no_end_tells_none(stored: dict[str, Any]) -> None:
    assert AzureTable.secret_ends(stored) is None
