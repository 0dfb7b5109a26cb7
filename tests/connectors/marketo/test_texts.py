"""Leads that are hard to write down: delivered by rule, or rejected with a sentence that names field and rule."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.base import Receipt
from connectors.errors import Rejected
from connectors.fakes import FakeServer
from connectors.fitting import utf8_bytes
from connectors.marketo import emails
from connectors.marketo.imitation.described import lead_fields
from connectors.marketo.imitation.subscription import Subscription
from connectors.marketo.layout import DEFAULTS
from connectors.marketo.records import Recipe
from connectors.marketo.schema import read
from tests.connectors.leads import LEAD
from tests.connectors.marketo.acting import deliver_one

LONG = "Contoso " * 40  # 320 characters
FAMILY = "👨‍👩‍👧‍👦"
TEXTS = ("first_name", "last_name", "phone", "country", "company", "title", "description")
NOTES = {"marketplaceNotes": "{Description}"}


@pytest.fixture(autouse=True)
def _server(server: FakeServer) -> None:
    """Stand behind every host."""


def landed(subscription: Subscription, mapping: dict[str, str] | None = None, **changes: Any) -> dict[str, Any]:
    """Deliver a lead with these details, and return the person that it became."""
    result = deliver_one(replace(LEAD, **changes), mapping)
    assert isinstance(result, Receipt), result
    return subscription.people[int(result.remote_id)]


@pytest.mark.parametrize(
    ("changes", "field", "expected"),
    [
        ({"last_name": ""}, "lastName", None),
        ({"company": ""}, "company", None),
        ({"company": "\x00"}, "company", None),
        (dict.fromkeys(TEXTS), "lastName", None),
        (dict.fromkeys(TEXTS), "email", LEAD.email),
        ({"company": LONG[:300]}, "company", LONG[:254].rstrip() + "…"),
        ({"company": "é" * 300}, "company", "é" * 254 + "…"),
        ({"last_name": "🦀" * 256}, "lastName", "🦀" * 254 + "…"),
        ({"first_name": FAMILY * 60}, "firstName", FAMILY * (254 // len(FAMILY)) + "…"),
        ({"company": "של\u05d5ם ע\u05d5לם"}, "company", "של\u05d5ם ע\u05d5לם"),
        ({"company": "\u202eoc\u202c"}, "company", "\u202eoc\u202c"),
        ({"title": "Bu\x00y\x07er\r\nof things"}, "title", "Buyer of things"),
        ({"title": "\ud83d"}, "title", "\ufffd"),
        ({"title": "<b>'\"\\;--"}, "title", "<b>'\"\\;--"),
        ({"phone": "+" + "1" * 254}, "phone", "+" + "1" * 254),
        ({"phone": "1" * 256}, "phone", None),
        ({"email": " Zoe@CONTOSO.example "}, "email", "Zoe@contoso.example"),
        ({"email": "zoe@cöntoso.example"}, "email", "zoe@xn--cntoso-wxa.example"),
    ],
)
def test_is_delivered_by_rule(
    changes: dict[str, Any], field: str, expected: str | None, subscription: Subscription
) -> None:
    assert landed(subscription, **changes).get(field) == expected


@pytest.mark.parametrize(
    ("email", "rule"),
    [
        ("", "Marketo knows people by their e-mail address, and this lead has none."),
        (None, "Marketo knows people by their e-mail address, and this lead has none."),
        (" \x00", "Marketo knows people by their e-mail address, and this lead has none."),
        ("zoë@contoso.example", "Email has letters before the @ that Marketo does not take: it takes ASCII alone."),
        ("🦀@contoso.example", "Email has letters before the @ that Marketo does not take: it takes ASCII alone."),
        *(
            (bad, "Email must be an address such as someone@example.com, with at most 255 characters.")
            for bad in (
                "zoe",
                "zoe@",
                "@contoso.example",
                "zoe@contoso",
                "zoe@@contoso.example",
                "zoe smith@contoso.example",
                "zoe@contoso..example",
                "zoe@-contoso.example",
                "zoe@contoso.example,eve@contoso.example",
                "zoe@" + "ö" * 70 + ".example",
                "a" * 250 + "@x.example",
            )
        ),
    ],
)
def test_an_address_that_will_not_do_is_rejected_by_rule(email: Any, rule: str, subscription: Subscription) -> None:
    result = deliver_one(replace(LEAD, email=email))
    assert isinstance(result, Rejected)
    assert (result.sentence, result.cause) == (rule, "email")
    assert result.fix
    assert subscription.live() == []


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ({"company": LONG}, f"Company Name: {LONG.strip()}"),
        ({"last_name": "é" * 300}, f"Last Name: {'é' * 300}"),
        ({"phone": "1" * 256}, f"Phone Number: {'1' * 256}"),
    ],
)
def test_what_is_cut_or_left_out_stands_whole_beside_the_customers_words(
    changes: dict[str, Any], kept: str, subscription: Subscription
) -> None:
    notes = landed(subscription, NOTES, **changes)["marketplaceNotes"]
    assert notes.startswith("Please call.")
    assert notes.endswith(kept)


def test_customers_words_keep_their_lines(subscription: Subscription) -> None:
    assert landed(subscription, NOTES, description="one\r\ntwo\x00")["marketplaceNotes"] == "one\ntwo"


@pytest.mark.parametrize("letter", ["x", "é", "🦀"])
def test_customers_words_are_cut_by_bytes(letter: str, subscription: Subscription) -> None:
    notes = landed(subscription, NOTES, description=letter * 40_000)["marketplaceNotes"]
    assert notes.endswith("…")
    assert 1_990 < utf8_bytes(notes) <= 2_000


@pytest.mark.parametrize(
    ("field", "given", "sent"),
    [
        ("marketplaceSeats", "40", 40),
        ("marketplaceSeats", "-3", -3),
        ("marketplaceSeats", "40.5", None),
        ("marketplaceSeats", "forty", None),
        ("marketplaceSeats", "٤٠", None),
        ("marketplaceSeats", "1" * 40, None),
        ("marketplaceSeats", "nan", None),
        ("annualRevenue", "12.5", 12.5),
        ("annualRevenue", "1_000", None),
        ("marketplaceSince", "2026-11-22T10:00:00+00:00", "2026-11-22T10:00:00+00:00"),
        ("marketplaceSince", "yesterday", None),
        ("dateOfBirth", "2026-11-22T10:00:00+00:00", "2026-11-22"),
        ("unsubscribedReason", "since " + "x" * 40_000, "since " + "x" * 29_991 + "…"),
    ],
)
def test_a_value_is_sent_as_its_field_has_it(field: str, given: str, sent: Any, subscription: Subscription) -> None:
    person = landed(subscription, {field: "{Extra.value}", **NOTES}, extra={"value": given})
    assert person.get(field) == sent
    assert (given in person["marketplaceNotes"]) is (sent is None)


@pytest.mark.parametrize(("given", "sent"), [("true", True), ("Yes", True), ("no", False), ("", None)])
def test_a_yes_or_no_is_one(given: str, sent: bool | None, subscription: Subscription) -> None:  # noqa: FBT001
    subscription.fields.append(
        {"id": 99, "displayName": "Opted In", "dataType": "boolean", "rest": {"name": "optedIn", "readOnly": False}}
    )
    person = landed(subscription, {"optedIn": "{Extra.optin}"}, extra={"optin": given})
    assert person.get("optedIn") == sent


def test_nothing_given_is_nothing_sent(subscription: Subscription) -> None:
    person = landed(subscription, {"city": "{Extra.city}", **NOTES}, extra={"city": None}, **dict.fromkeys(TEXTS))
    assert person.keys() == {"id", "email", "leadSource"}


ANY = st.text(st.characters(codec=None), max_size=400)  # halves of characters too
SCHEMA = read(lead_fields())


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ANY, min_size=len(TEXTS), max_size=len(TEXTS)))
def test_whatever_is_typed_fits(texts: list[str]) -> None:
    recipe = Recipe(SCHEMA, {**DEFAULTS, **NOTES}, frozenset(NOTES))
    changes: dict[str, Any] = dict(zip(TEXTS, texts, strict=True))
    record = recipe.record(replace(LEAD, **changes))
    for name, value in record.items():
        found = SCHEMA.fields[name]
        size = utf8_bytes(value) if found.has_lines else len(value)
        assert found.limit is None or size <= found.limit
        assert "\x00" not in value
        value.encode()


@settings(max_examples=300)
@given(st.one_of(ANY, st.emails(), st.builds("{}@{}".format, ANY, ANY)))
def test_whatever_is_given_as_an_address_is_ascii_or_rejected(text: str) -> None:
    try:
        found = emails.address(text)
    except Rejected:
        return
    assert found.isascii()
    assert len(found) <= emails.LONGEST
    assert found.count("@") == 1
