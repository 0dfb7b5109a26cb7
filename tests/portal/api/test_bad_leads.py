"""What must not come in: each refused with field and rule, nothing of it stored, echoed or logged."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from django.test import RequestFactory

from portal.api import bodies
from portal.api.problems import Problem
from tests.factories import make_offer
from tests.portal.api.conftest import SECRET_WORD, Caller, lead, refusal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("discreet", "nothing_stored", "offer")]


@pytest.fixture
def offer(db: None) -> None:
    make_offer()


def nested(depth: int) -> list[Any]:
    inner: list[Any] = [SECRET_WORD]
    for _ in range(depth - 1):
        inner = [inner]
    return inner


INVALID = {
    "no offer": (lead(OfferId=...), "OfferId"),
    "an unknown offer": (lead(OfferId=f"contoso.{SECRET_WORD}"), "OfferId"),
    "an offer of an unknown publisher": (lead(OfferId="nobody.crm"), "OfferId"),
    "an offer without its publisher": (lead(OfferId="crm"), "OfferId"),
    "an offer that is a number": (lead(OfferId=4711), "OfferId"),
    "no source": (lead(LeadSource=...), "LeadSource"),
    "an unknown source": (lead(LeadSource=SECRET_WORD), "LeadSource"),
    "a source that is a list": (lead(LeadSource=[SECRET_WORD]), "LeadSource"),
    "a null source": (lead(LeadSource=None), "LeadSource"),
    "no action": (lead(ActionCode=...), "ActionCode"),
    "an unknown action": (lead(ActionCode=SECRET_WORD), "ActionCode"),
    "an action that the source never has": (lead(ActionCode="PLT"), "ActionCode"),
    "an unknown action in the whole lead source": (
        lead(LeadSource="SPZA-XYZ|contoso.crm", ActionCode=...),
        "ActionCode",
    ),
    "an unknown source in the whole lead source": (lead(LeadSource=f"{SECRET_WORD}x-INS|contoso.crm"), "LeadSource"),
    "an unknown offer in the whole lead source": (lead(LeadSource="SPZA-INS|contoso.x", OfferId=...), "OfferId"),
    "no customer": (lead(UserDetails=...), "UserDetails"),
    "a customer that is text": (lead(UserDetails=SECRET_WORD), "UserDetails"),
    "a null customer": (lead(UserDetails=None), "UserDetails"),
    "no e-mail": (lead(UserDetails={"FirstName": SECRET_WORD}), "UserDetails.Email"),
    "a null e-mail": (lead(user={"Email": None}), "UserDetails.Email"),
    "an empty e-mail": (lead(user={"Email": ""}), "UserDetails.Email"),
    "an e-mail that is an object": (lead(user={"Email": {"a": SECRET_WORD}}), "UserDetails.Email"),
    "a name that is a number": (lead(user={"FirstName": 4711}), "UserDetails.FirstName"),
    "a name that is true": (lead(user={"LastName": True}), "UserDetails.LastName"),
    "a company that is a list": (lead(user={"Company": [SECRET_WORD]}), "UserDetails.Company"),
    "a name too long": (lead(user={"FirstName": SECRET_WORD * 20}), "UserDetails.FirstName"),
    "a phone too long": (lead(user={"Phone": "1" * 101}), "UserDetails.Phone"),
    "a country too long": (lead(user={"Country": "x" * 101}), "UserDetails.Country"),
    "a title too long": (lead(user={"Title": "x" * 201}), "UserDetails.Title"),
    "an e-mail too long": (lead(user={"Email": "a" * 250 + "@example.com"}), "UserDetails.Email"),
    "an e-mail too long in lower case": (lead(user={"Email": "İ" * 200 + "@example.com"}), "UserDetails.Email"),
    "a description too long": (lead(Description=SECRET_WORD * 1_000), "Description"),
    "a description that is a number": (lead(Description=1), "Description"),
    "consent in words": (lead(Consent="yes"), "Consent"),
    "consent as a number": (lead(Consent=1), "Consent"),
    "extra that is a list": (lead(Extra=[SECRET_WORD]), "Extra"),
    "extra that is text": (lead(Extra=SECRET_WORD), "Extra"),
    "too much extra": (lead(Extra={"a": SECRET_WORD * 1_600}), "Extra"),
    "an unknown storefront": (lead(Storefront=SECRET_WORD), "Storefront"),
    "an unknown field": (lead(Campaign=SECRET_WORD), "Campaign"),
    "an unknown field of the customer": (lead(user={"MiddleName": SECRET_WORD}), "UserDetails.MiddleName"),
    "a field in the wrong case": (lead(description=SECRET_WORD), "description"),
    "a NUL in a name": (lead(user={"FirstName": f"{SECRET_WORD}\0"}), "UserDetails.FirstName"),
    "a NUL in an e-mail": (lead(user={"Email": "a\0@example.com"}), "UserDetails.Email"),
    "a NUL in the offer": (lead(OfferId="contoso\0.crm"), "OfferId"),
    "a NUL in extra": (lead(Extra={"list": ["a", f"{SECRET_WORD}\0"]}), "Extra.list[1]"),
    "a NUL in the name of an extra": (lead(Extra={"a\0": 1}), "Extra.a?"),
    "half a surrogate pair": (lead(user={"FirstName": "\ud800"}), "UserDetails.FirstName"),
    "the other half in extra": (lead(Extra={"\udfff": 1}), "Extra.?"),
    "a huge whole number": (lead(Extra={"n": 10**30}), "Extra.n"),
    "extra too deep": (lead(Extra={"a": nested(19)}), "Extra"),
    "extra far too deep": (lead(Extra={"a": nested(400)}), "Extra"),
}


@pytest.mark.parametrize(("sent", "field"), INVALID.values(), ids=INVALID.keys())
def test_a_lead_with_it_is_refused_naming_field_and_rule(marketplace: Caller, sent: Any, field: str) -> None:
    response = marketplace.post("leads", sent)
    refused = refusal(response)
    assert refused.status == 422
    assert refused.fields == [field]
    assert refused.rules.endswith(".")
    assert SECRET_WORD not in response.content.decode()


@pytest.mark.parametrize(
    "email",
    [
        SECRET_WORD,
        f"{SECRET_WORD}@",
        "@example.com",
        "a@b@example.com",
        "a@example",
        "a@.com",
        "a@example.",
        "a@exa..mple.com",
        "a b@example.com",
        "a@exam ple.com",
        "Ada <ada@example.com>",
        "ada@example.com, bob@example.com",
        "a@example.com\nBcc: b@example.com",
        "a\x01@example.com",
        "   ",
    ],
)
def test_a_malformed_email_is_refused(marketplace: Caller, email: str) -> None:
    refused = refusal(marketplace.post("leads", lead(user={"Email": email})))
    assert refused == (422, ["UserDetails.Email"], "UserDetails.Email must be an address such as someone@example.com.")


RAW = {
    "nothing": (b"", 400, "The body must not be empty."),
    "blanks": (b" \n ", 400, "The body must not be empty."),
    "not JSON": (b"{" + SECRET_WORD.encode(), 400, "The body must be JSON, without NUL bytes."),
    "a form": (f"Email={SECRET_WORD}".encode(), 400, "The body must be JSON, without NUL bytes."),
    "JSON cut short": (
        json.dumps(lead(Description=SECRET_WORD))[:-2].encode(),
        400,
        "The body must be JSON, without NUL bytes.",
    ),
    "two values": (b'{"a":1}{"b":2}', 400, "The body must be JSON, without NUL bytes."),
    "a NUL byte": (f'{{"OfferId":"{SECRET_WORD}\0"}}'.encode(), 400, "The body must be JSON, without NUL bytes."),
    "Latin-1": ('{"OfferId":"Zoë"}'.encode("latin-1"), 400, "The body must be UTF-8."),
    "UTF-16": (json.dumps(lead()).encode("utf-16"), 400, "The body must be UTF-8."),
    "a list": (f'["{SECRET_WORD}"]'.encode(), 422, "The body must be an object."),
    "text": (f'"{SECRET_WORD}"'.encode(), 422, "The body must be an object."),
    "null": (b"null", 422, "The body must be an object."),
    "not a number": (b'{"Extra":{"n":NaN}}', 422, "The numbers in the body must be finite and of ordinary size."),
    "minus infinity": (
        b'{"Extra":{"n":-Infinity}}',
        422,
        "The numbers in the body must be finite and of ordinary size.",
    ),
    "a number of 5,000 digits": (
        b'{"Extra":{"n":' + b"9" * 5_000 + b"}}",
        422,
        "The numbers in the body must be finite and of ordinary size.",
    ),
    "30,000 levels": (b"[" * 30_000 + b"]" * 30_000, 422, "The body may be at most 20 levels deep."),
    "30,000 levels left open": (b'{"a":' * 10_000, 422, "The body may be at most 20 levels deep."),
}


@pytest.mark.parametrize(("body", "status", "rule"), RAW.values(), ids=RAW.keys())
def test_such_a_body_is_refused(marketplace: Caller, body: Any, status: int, rule: str) -> None:
    response = marketplace.send("post", "leads", body)
    assert refusal(response) == (status, [""], rule)
    assert SECRET_WORD not in response.content.decode()


def test_an_endless_number_is_refused_by_its_place(marketplace: Caller) -> None:
    response = marketplace.send("post", "leads", b'{"Extra":{"n":[1,1e999]}}')
    assert refusal(response) == (422, ["Extra.n[1]"], "Extra.n[1] is too large a number.")


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/x-ndjson",
        "application/json; charset=latin-1",
        "application/jsonx",
    ],
)
def test_another_content_type_is_refused(marketplace: Caller, content_type: str) -> None:
    response = marketplace.send("post", "leads", json.dumps(lead()), content_type)
    assert refusal(response) == (415, ["Content-Type"], "Content-Type must be application/json, in UTF-8.")


def test_a_compressed_body_is_refused(marketplace: Caller) -> None:
    response = marketplace.post("leads", lead(), {"Content-Encoding": "gzip"})
    assert refusal(response)[:2] == (415, ["Content-Encoding"])


def test_a_body_over_64_kb_is_refused(marketplace: Caller) -> None:
    padding = " " * (bodies.SINGLE - len(json.dumps(lead())))
    response = marketplace.send("post", "leads", json.dumps(lead()) + padding + " ")
    assert refusal(response) == (413, [""], "The body may have at most 65,536 bytes.")


def test_a_lead_of_20_levels_is_not_too_deep() -> None:
    body = json.dumps(lead(Extra={"a": nested(18)})).encode()
    assert bodies.parse(body)["Extra"]["a"] == nested(18)


def test_many_broken_rules_are_named_together(marketplace: Caller) -> None:
    response = marketplace.post("leads", lead(OfferId=1, Consent="x", user={"Email": 1, "Phone": 2}))
    assert refusal(response).fields == ["OfferId", "UserDetails.Email", "UserDetails.Phone", "Consent"]


def test_no_more_than_twenty_broken_rules_are_named(marketplace: Caller) -> None:
    response = marketplace.post("leads", lead() | {f"x{number}": 1 for number in range(500)})
    assert len(refusal(response).fields) == 20


class Endless(BytesIO):
    """A body of unknown length, which must not be read to its end."""

    taken = 0

    def read(self, size: int | None = -1) -> bytes:
        assert size is not None
        assert size > 0
        self.taken += size
        return b" " * size


def test_a_chunked_body_is_read_no_further_than_the_limit() -> None:
    stream = Endless()
    environ: dict[str, Any] = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": stream, "wsgi.input_terminated": True}
    request = RequestFactory().generic("POST", "/", CONTENT_TYPE="application/json", **environ)
    with pytest.raises(Problem) as refused:
        bodies.read(request)
    assert refused.value.status == 413
    assert stream.taken == bodies.SINGLE + 1


def test_a_chunked_body_that_the_server_does_not_end_is_refused() -> None:
    environ: dict[str, Any] = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": Endless()}
    request = RequestFactory().generic("POST", "/", CONTENT_TYPE="application/json", **environ)
    with pytest.raises(Problem) as refused:
        bodies.read(request)
    assert refused.value.status == 411


def test_a_long_body_is_refused_before_it_is_read() -> None:
    stream = Endless()
    environ: dict[str, Any] = {"CONTENT_LENGTH": str(bodies.SINGLE + 1), "wsgi.input": stream}
    request = RequestFactory().generic("POST", "/", CONTENT_TYPE="application/json", **environ)
    with pytest.raises(Problem):
        bodies.read(request)
    assert stream.taken == 0
