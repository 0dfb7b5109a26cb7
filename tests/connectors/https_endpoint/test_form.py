"""The settings form, from a page or from JSON."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import QueryDict

from connectors.https_endpoint.forms import EndpointForm
from tests.connectors.test_addresses import ACCEPTED, REFUSED_BY_TEXT

URL = "https://leads.contoso.example/marketplace"


def faults(data: dict[str, Any], stored: dict[str, Any] | None = None) -> dict[str, list[str]]:
    form = EndpointForm(data=data, stored=stored)
    return {name: [str(fault) for fault in found] for name, found in form.errors.items()}


def test_an_address_is_enough() -> None:
    form = EndpointForm(data={"url": URL})
    assert form.is_valid()
    assert form.config()["auth"] == "none"
    assert form.config()["url"] == URL


def test_takes_what_a_page_posts() -> None:
    posted = QueryDict(f"url={URL}&auth=bearer&token=+sesame+&csrfmiddlewaretoken=x&password=")
    form = EndpointForm(data=posted)
    assert form.is_valid()
    assert form.config()["token"] == "sesame"


@pytest.mark.parametrize("url", [url for url in REFUSED_BY_TEXT if url == url.strip()])
@pytest.mark.parametrize("name", ["url", "token_url"])
def test_refuses_an_address(name: str, url: str) -> None:
    data = {"url": URL, "auth": "oauth2", "client_id": "c", "client_secret": "s", "token_url": URL} | {name: url}
    [sentence] = faults(data)[name]
    assert sentence.startswith(("The address ", "The token address ", "Null characters"))
    assert sentence.endswith(".")


@pytest.mark.parametrize("url", ACCEPTED)
def test_accepts_an_address(url: str) -> None:
    assert faults({"url": url}) == {}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({}, {"url": ["Address is required."]}),
        ({"url": 7}, {"url": ["Enter text, not a number, a list or an object."]}),
        ({"url": [URL]}, {"url": ["Enter text, not a number, a list or an object."]}),
        (
            {"url": URL, "auth": "carrier pigeon"},
            {"auth": ["Select a valid choice. carrier pigeon is not one of the available choices."]},
        ),
        (
            {"url": URL, "auth": "header"},
            {
                "header_name": ['Header name is needed for sign-in "A header of your choice".'],
                "header_value": ['Header value is needed for sign-in "A header of your choice".'],
            },
        ),
        (
            {"url": URL, "auth": "basic", "username": "a:b", "password": "p"},
            {"username": ["The user name must not contain a colon."]},
        ),
        ({"url": URL, "auth": "bearer"}, {"token": ['Bearer token is needed for sign-in "Bearer token".']}),
        (
            {"url": URL, "auth": "bearer", "token": "a\r\nX-Evil: 1"},
            {"token": ["The bearer token may hold plain printable characters only."]},
        ),
        (
            {"url": URL, "auth": "header", "header_name": "X-Key", "header_value": "schlüssel"},
            {"header_value": ["The header value may hold plain printable characters only."]},
        ),
        (
            {"url": URL, "auth": "header", "header_name": "X Key", "header_value": "v"},
            {"header_name": ["The header name may hold letters, digits and hyphens only."]},
        ),
        (
            {"url": URL, "auth": "oauth2"},
            {
                "token_url": ['Token address is needed for sign-in "OAuth 2.0 client credentials".'],
                "client_id": ['Client ID is needed for sign-in "OAuth 2.0 client credentials".'],
                "client_secret": ['Client secret is needed for sign-in "OAuth 2.0 client credentials".'],
            },
        ),
    ],
)
def test_names_the_field_and_the_rule(data: dict[str, Any], expected: dict[str, list[str]]) -> None:
    assert faults(data) == expected


@pytest.mark.parametrize("name", ["Host", "content-length", "Webhook-Signature", "Cookie", "Transfer-Encoding"])
def test_refuses_a_header_of_ours(name: str) -> None:
    sentences = faults({"url": URL, "auth": "header", "header_name": name, "header_value": "v"})["header_name"]
    assert sentences == [f"The header {name} is set by the portal; choose another name."]


def test_empty_secret_keeps_the_stored_one() -> None:
    stored = {"url": URL, "auth": "basic", "username": "portal", "password": "sesame", "signing_secret": "whsec_x"}
    form = EndpointForm(data={"url": URL, "auth": "basic", "username": "portal2", "password": ""}, stored=stored)
    assert form.is_valid()
    config = form.config()
    assert (config["username"], config["password"], config["signing_secret"]) == ("portal2", "sesame", "whsec_x")


def test_secret_of_another_sign_in_is_forgotten() -> None:
    stored = {"url": URL, "auth": "basic", "username": "portal", "password": "sesame"}
    form = EndpointForm(data={"url": URL, "auth": "bearer", "token": "new"}, stored=stored)
    assert form.is_valid()
    assert (form.config()["password"], form.config()["username"], form.config()["token"]) == ("", "", "new")


def test_stored_secret_is_never_on_the_page() -> None:
    stored = {"url": URL, "auth": "basic", "username": "portal", "password": "sesame"}
    page = str(EndpointForm(stored=stored)) + str(EndpointForm(data={"password": "typed"}, stored=stored))
    assert "portal" in page
    assert "sesame" not in page
    assert "typed" not in page


def test_fields_say_for_which_sign_in_they_are() -> None:
    attrs = EndpointForm().fields["password"].widget.attrs
    assert attrs["data-only-for"] == "auth=basic"
    assert "data-only-for" not in EndpointForm().fields["url"].widget.attrs


# Secrets stay with their host

BASIC = {"url": URL, "auth": "basic", "username": "portal", "password": "sesame"}
OAUTH2 = {
    "url": URL,
    "auth": "oauth2",
    "token_url": "https://login.contoso.example/token",
    "client_id": "portal",
    "client_secret": "sesame",
}


@pytest.mark.parametrize(
    ("stored", "changed", "expected"),
    [
        (
            BASIC,
            {"url": "https://evil.example/in"},
            {"password": ["Enter the password again: the address changed."]},
        ),
        (
            BASIC,
            {"url": "https://leads.contoso.example:8443/marketplace"},
            {"password": ["Enter the password again: the address changed."]},
        ),
        (
            OAUTH2,
            {"token_url": "https://evil.example/token"},
            {"client_secret": ["Enter the client secret again: the token address changed."]},
        ),
        (
            OAUTH2,
            {"url": "https://evil.example/in"},
            {"client_secret": ["Enter the client secret again: the address changed."]},
        ),
    ],
)
def test_a_secret_does_not_follow_to_another_host(
    stored: dict[str, str], changed: dict[str, str], expected: dict[str, list[str]]
) -> None:
    kept = dict.fromkeys(EndpointForm.secrets, "")
    assert faults({**stored, **kept, **changed}, stored) == expected


@pytest.mark.parametrize(
    "changed",
    [
        {"url": "https://leads.contoso.example/another/path"},
        {"url": "https://LEADS.contoso.example/marketplace"},
        {"username": "portal2"},
        {"url": "https://evil.example/in", "password": "open"},
        {"url": "https://evil.example/in", "auth": "none"},
        {"url": "https://evil.example/in", "auth": "bearer", "token": "open"},
    ],
)
def test_it_stays_where_the_host_does_and_goes_where_it_was_entered_for(changed: dict[str, str]) -> None:
    form = EndpointForm(data=BASIC | {"password": ""} | changed, stored=BASIC)
    assert form.is_valid(), form.errors
    moved = "evil" in form.config()["url"]
    assert (form.config()["password"] == "sesame") == (not moved)
