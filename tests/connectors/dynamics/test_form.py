"""The settings form, from a page or from JSON."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption
from django.http import QueryDict

from connectors import registry
from connectors.dynamics.forms import DynamicsForm
from tests.connectors.dynamics.acting import STORED, USER
from tests.connectors.dynamics.keys_for_tests import DAYS, KEY, PEM, certificate, pem

TODAY = datetime.now(UTC).date()
AS_USER = {"instance_url": STORED["instance_url"], **USER}
CERTIFIED = {**STORED, "authentication": "certificate", "application_key": "", "certificate": PEM}
ANOTHER = rsa.generate_private_key(65_537, 2_048)


def faults(data: dict[str, Any], stored: dict[str, Any] | None = None) -> dict[str, list[str]]:
    form = DynamicsForm(data=data, stored=stored)
    return {name: [str(fault) for fault in found] for name, found in form.errors.items()}


def config(data: Any, stored: dict[str, Any] | None = None) -> dict[str, Any]:
    form = DynamicsForm(data=data, stored=stored)
    assert form.is_valid(), form.errors
    return form.config()


def test_json_needs_no_more_than_what_has_no_default() -> None:
    least = {name: STORED[name] for name in ("instance_url", "directory_id", "application_id", "application_key")}
    kept = config(least)
    assert (kept["authentication"], kept["owner"], kept["duplicate_detection"]) == ("azure_ad", "application", False)


def test_takes_what_a_page_posts() -> None:
    posted = QueryDict(
        "instance_url=Contoso.crm4.dynamics.com/&authentication=azure_ad&directory_id=Contoso.onmicrosoft.com"
        "&application_id=%7B5D2F6A10-7C3B-4E18-9F42-A1B2C3D4E5F6%7D&application_key=k&lead_source=Web"
        "&duplicate_detection=on&owner=application"
    )
    kept = config(posted)
    assert kept["instance_url"] == STORED["instance_url"]
    assert kept["application_id"] == STORED["application_id"]
    assert kept["directory_id"] == "contoso.onmicrosoft.com"
    assert kept["duplicate_detection"] is True


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (
            {},
            {
                "instance_url": ["Instance address is required."],
                "directory_id": ['Directory ID is needed for sign-in "Entra ID application (recommended)".'],
                "application_id": ['Application ID is needed for sign-in "Entra ID application (recommended)".'],
                "application_key": ['Client secret is needed for sign-in "Entra ID application (recommended)".'],
            },
        ),
        (
            {"authentication": "office365"},
            {
                "username": ['User name is needed for sign-in "Office 365 user (legacy)".'],
                "password": ['Password is needed for sign-in "Office 365 user (legacy)".'],
            },
        ),
        (
            {"authentication": "fax"},
            {"authentication": ["Select a valid choice. fax is not one of the available choices."]},
        ),
        (
            {**STORED, "instance_url": "https://contoso.crm4.dynamics.com/main.aspx?appid=7"},
            {"instance_url": ["The instance address must end after the host: https://contoso.crm4.dynamics.com."]},
        ),
        (
            {**STORED, "instance_url": "https://crm.contoso.example"},
            {
                "instance_url": [
                    (
                        "The instance address must be the address of a Dynamics 365 environment in Microsoft's cloud,"
                        " such as https://contoso.crm4.dynamics.com."
                    )
                ]
            },
        ),
        ({**STORED, "instance_url": 7}, {"instance_url": ["Enter text, not a number, a list or an object."]}),
        (
            {**STORED, "directory_id": "12345678-8af1-4asf-1234-12234d01db47"},
            {
                "directory_id": [
                    (
                        "Directory ID must be an ID of 36 characters with hyphens, or a domain such as"
                        " contoso.onmicrosoft.com."
                    )
                ]
            },
        ),
        (
            {**STORED, "application_id": "contoso"},
            {
                "application_id": [
                    (
                        "Application ID must be 36 characters: hexadecimal digits in groups of 8, 4, 4, 4 and 12, with"
                        " hyphens between."
                    )
                ]
            },
        ),
        ({**STORED, "owner": "team"}, {"owner_id": ['Owner ID is needed for owner "A certain team".']}),
        (
            {**AS_USER, "password_set_on": "yesterday"},
            {"password_set_on": ["Password set on must be a day, written YYYY-MM-DD."]},
        ),
        (
            {**AS_USER, "password_set_on": (TODAY + timedelta(days=2)).isoformat()},
            {"password_set_on": ["Password set on must not be in the future."]},
        ),
    ],
)
def test_names_the_field_and_the_rule(data: dict[str, Any], expected: dict[str, list[str]]) -> None:
    found = faults(data)
    assert {name: found.get(name) for name in expected} == expected
    assert found.keys() - expected.keys() <= {"instance_url", "directory_id", "application_id", "application_key"}


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("hello", "must be in PEM format: text between lines that say -----BEGIN …----- and -----END …-----."),
        (
            PEM.partition("-----BEGIN CERT")[0],
            "must hold the certificate beside the private key, in the same PEM text.",
        ),
        ("-----BEGIN" + PEM.rpartition("-----BEGIN")[2], "must come with its private key, in the same PEM text."),
        (pem(of=certificate(ANOTHER)), "does not belong to the private key beside it."),
        (pem(of=certificate(days=-1)), f"ended on {TODAY - timedelta(days=1)}; upload a new one."),
        (
            pem(encryption=BestAvailableEncryption(b"x")),
            "has a key that is locked with a passphrase; enter it without one.",
        ),
        (pem(ec.generate_private_key(ec.SECP256R1()), certificate()), "must have an RSA key of at least 2,048 bits."),
        (pem(rsa.generate_private_key(65_537, 1_024), certificate()), "must have an RSA key of at least 2,048 bits."),
        (PEM.replace("CERTIFICATE-----\nMII", "CERTIFICATE-----\nXXX"), "cannot be read as a certificate."),
        (PEM.replace("PRIVATE KEY-----\nMII", "PRIVATE KEY-----\nXXX"), "has a private key that cannot be read."),
    ],
)
def test_a_certificate_that_cannot_sign_is_refused(typed: str, sentence: str) -> None:
    assert faults({**CERTIFIED, "certificate": typed})["certificate"] == [f"The certificate {sentence}"]


class TestACertificate:
    def test_is_kept_and_not_shown(self) -> None:
        kept = config(CERTIFIED)
        assert kept["certificate"] == PEM
        assert PEM.splitlines()[1] not in str(DynamicsForm(stored=kept))

    def test_says_when_it_ends(self) -> None:
        found = registry.get("dynamics").secret_ends(config(CERTIFIED))
        assert found == TODAY + timedelta(days=DAYS)

    def test_is_found_among_others_of_its_chain(self) -> None:
        chain = f"{pem(KEY, certificate(ANOTHER))}\n{PEM.partition('KEY-----')[0]}"
        assert faults({**CERTIFIED, "certificate": chain})["certificate"]
        both = pem(KEY, certificate(ANOTHER)) + "\n-----BEGIN" + PEM.rpartition("-----BEGIN")[2]
        assert config({**CERTIFIED, "certificate": both})["certificate"] == both


class TestAPassword:
    def test_is_taken_for_set_today_and_ends_after_ninety_days(self) -> None:
        kept = config({**AS_USER, "password_set_on": ""})
        assert kept["password_set_on"] == TODAY.isoformat()
        assert registry.get("dynamics").secret_ends(kept) == TODAY + timedelta(days=90)

    def test_that_stays_keeps_its_day(self) -> None:
        kept = config({**AS_USER, "password": "", "lead_source": "Other"}, dict(AS_USER))
        assert (kept["password"], kept["password_set_on"]) == (USER["password"], "2026-11-01")

    def test_that_changes_begins_anew_though_the_page_still_has_the_old_day(self) -> None:
        kept = config({**AS_USER, "password": "another"}, dict(AS_USER))
        assert kept["password_set_on"] == TODAY.isoformat()

    def test_that_changes_takes_the_day_that_is_entered(self) -> None:
        day = (TODAY - timedelta(days=3)).isoformat()
        assert (
            config({**AS_USER, "password": "another", "password_set_on": day}, dict(AS_USER))["password_set_on"] == day
        )

    def test_of_an_application_has_no_end_that_we_know(self) -> None:
        assert registry.get("dynamics").secret_ends(config(dict(STORED))) is None


def test_what_belongs_to_another_way_is_forgotten() -> None:
    kept = config(AS_USER, dict(STORED))
    assert [kept[name] for name in ("directory_id", "application_id", "application_key", "certificate")] == [""] * 4
    back = config({**STORED}, kept)
    assert [back[name] for name in ("username", "password", "password_set_on")] == [""] * 3


def test_another_instance_does_not_get_the_stored_secret() -> None:
    same = {**STORED, "application_key": "", "instance_url": "contoso.crm4.dynamics.com"}
    assert faults(same, dict(STORED)) == {}
    moved = faults({**same, "instance_url": "https://fabrikam.crm4.dynamics.com"}, dict(STORED))
    assert moved["application_key"] == ["Enter the client secret again: the instance address changed."]
