"""The settings form, from a page or from JSON."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from django.http import QueryDict

from connectors.salesforce.config import NOT_PROVIDED
from connectors.salesforce.forms import SalesforceForm
from tests.connectors.salesforce.acting import FORM, STORED
from tests.connectors.salesforce.test_contract import KEY_PEM


def pem(key: Any, encryption: KeySerializationEncryption | None = None) -> str:
    written: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())
    return written.decode()


def faults(data: dict[str, Any], stored: dict[str, Any] | None = None) -> dict[str, list[str]]:
    form = SalesforceForm(data=data, stored=stored)
    return {name: [str(fault) for fault in found] for name, found in form.errors.items()}


def test_json_needs_no_more_than_what_has_no_default() -> None:
    least = {name: STORED[name] for name in ("my_domain", "client_id", "client_secret")}
    form = SalesforceForm(data=least)
    assert form.is_valid(), form.errors
    config = form.config()
    assert (config["mode"], config["auth"], config["duplicates"]) == ("rest", "client_credentials", "accept")
    assert (config["assignment"], config["missing_company"]) == ("default", NOT_PROVIDED)


def test_takes_what_a_page_posts() -> None:
    posted = QueryDict(
        "mode=rest&my_domain=Contoso&auth=client_credentials&client_id=+k+&client_secret=s&missing_company=&sandbox=on"
    )
    form = SalesforceForm(data=posted)
    assert form.is_valid(), form.errors
    config = form.config()
    assert (config["my_domain"], config["client_id"]) == ("contoso.my.salesforce.com", "k")
    assert (config["sandbox"], config["missing_company"]) == (True, "")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (
            {},
            {
                "my_domain": ['My Domain is needed for way in "REST API (recommended)".'],
                "client_id": ['Consumer key is needed for way in "REST API (recommended)".'],
                "client_secret": ['Consumer secret is needed for sign-in "Client credentials (recommended)".'],
            },
        ),
        (
            {"mode": "web_to_lead"},
            {"organization_id": ['Organization ID is needed for way in "Web-to-Lead (cannot confirm)".']},
        ),
        ({"mode": "fax"}, {"mode": ["Select a valid choice. fax is not one of the available choices."]}),
        (
            {**STORED, "my_domain": "contoso.lightning.force.com"},
            {
                "my_domain": [
                    "My Domain must be the address that ends with .my.salesforce.com, not the one you work at."
                ]
            },
        ),
        ({**STORED, "my_domain": 7}, {"my_domain": ["Enter text, not a number, a list or an object."]}),
        (
            {**STORED, "campaign_id": "00Q5g00000ABCDE"},
            {"campaign_id": ["Campaign must be 15 or 18 letters and digits that begin with 701."]},
        ),
        (
            {**STORED, "assignment": "rule"},
            {"assignment_rule": ['Assignment rule is needed for assignment "A certain assignment rule".']},
        ),
        (
            {**STORED, "external_id_field": "Email"},
            {"external_id_field": ["External ID field must be the API name of a custom field, which ends with __c."]},
        ),
        (
            {**STORED, "auth": "jwt"},
            {
                "username": ['User name is needed for sign-in "JWT bearer, signed with your key".'],
                "private_key": ['Private key is needed for sign-in "JWT bearer, signed with your key".'],
            },
        ),
    ],
)
def test_names_the_field_and_the_rule(data: dict[str, Any], expected: dict[str, list[str]]) -> None:
    found = faults(data)
    assert {name: found[name] for name in expected} == expected
    assert found.keys() - expected.keys() <= {"my_domain", "client_id", "client_secret"}


@pytest.mark.parametrize("typed", ["00D5g00000ABCDE", "00D5g00000ABCDEEA4"])
def test_an_organization_has_15_or_18_characters(typed: str) -> None:
    assert faults({**FORM, "organization_id": typed}) == {}


@pytest.mark.parametrize(
    "typed",
    [
        "00D5g00000ABCD",
        "00D5g00000ABCDE1",
        "01D5g00000ABCDE",
        "00D5g00000ABC/E",
        "\uff10\uff10D5g00000ABCDE",
        "00D&oid=1",
    ],
)
def test_another_organization_is_none(typed: str) -> None:
    assert faults({**FORM, "organization_id": typed})["organization_id"]


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("hello", "must be in PEM format: text between lines that say -----BEGIN …----- and -----END …-----."),
        (KEY_PEM.replace("MII", "XXX"), "is no private key that can be read."),
        (pem(ec.generate_private_key(ec.SECP256R1())), "must be an RSA key: Salesforce takes RS256 alone."),
        (pem(rsa.generate_private_key(65_537, 1_024)), "must have at least 2,048 bits."),
        (
            pem(rsa.generate_private_key(65_537, 2_048), BestAvailableEncryption(b"x")),
            "is locked with a passphrase; enter it without one.",
        ),
    ],
)
def test_a_key_that_cannot_sign_is_refused(key: str, sentence: str) -> None:
    data = {**STORED, "auth": "jwt", "username": "portal@contoso.example", "private_key": key}
    assert faults(data)["private_key"] == [f"The private key {sentence}"]


def test_a_key_that_can_sign_is_kept_and_not_shown() -> None:
    data = {**STORED, "auth": "jwt", "username": "portal@contoso.example", "private_key": KEY_PEM}
    form = SalesforceForm(data=data)
    assert form.is_valid(), form.errors
    kept = form.config()
    assert kept["private_key"].strip() == KEY_PEM
    assert KEY_PEM.splitlines()[1] not in str(SalesforceForm(stored=kept))


def test_what_belongs_to_the_other_way_is_forgotten() -> None:
    form = SalesforceForm(data={"mode": "web_to_lead", "organization_id": "00D5g00000ABCDE"}, stored=dict(STORED))
    assert form.is_valid(), form.errors
    config = form.config()
    assert [config[name] for name in ("my_domain", "client_id", "client_secret", "external_id_field")] == [""] * 4


def test_another_my_domain_does_not_get_the_stored_secret() -> None:
    same = {**STORED, "client_secret": "", "my_domain": "https://contoso.my.salesforce.com/"}
    assert faults(same, dict(STORED)) == {}
    assert "client_secret" in faults({**same, "my_domain": "fabrikam"}, dict(STORED))
