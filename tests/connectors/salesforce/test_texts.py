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
from connectors.fitting import utf16_units
from connectors.salesforce.config import NOT_PROVIDED
from connectors.salesforce.imitation.described import lead_fields, picked
from connectors.salesforce.imitation.organization import Organization
from connectors.salesforce.layouts import REST, WEB_TO_LEAD, Layout
from connectors.salesforce.records import Recipe
from connectors.salesforce.schema import read
from tests.connectors.leads import LEAD
from tests.connectors.salesforce.acting import FORM, deliver_one

SCHEMA = read({"createable": True, "fields": lead_fields()})
LONG = "Contoso " * 40  # 320 characters
FAMILY = "👨‍👩‍👧‍👦"
NONE_GIVEN: dict[str, Any] = dict.fromkeys(
    ("first_name", "last_name", "email", "phone", "country", "company", "title", "description")
)


@pytest.fixture(autouse=True)
def _server(server: FakeServer) -> None:
    """Stand behind every host."""


def landed(org: Organization, mapping: dict[str, str] | None = None, **changes: Any) -> dict[str, Any]:
    """Deliver a lead with these details, and return the record that it became."""
    result = deliver_one(replace(LEAD, **changes), mapping)
    assert isinstance(result, Receipt), result
    [record] = org.live()
    return record


@pytest.mark.parametrize(
    ("changes", "field", "expected"),
    [
        ({"last_name": ""}, "LastName", "Zoë"),
        ({"last_name": "", "first_name": "Ada King Lovelace"}, "LastName", "Lovelace"),
        ({"last_name": "", "first_name": ""}, "LastName", "zoe"),
        ({"last_name": " \x00 ", "first_name": "\u200f", "email": ""}, "LastName", "\u200f"),
        (NONE_GIVEN, "LastName", NOT_PROVIDED),
        (NONE_GIVEN, "Company", NOT_PROVIDED),
        ({"company": ""}, "Company", NOT_PROVIDED),
        ({"company": "\x00"}, "Company", NOT_PROVIDED),
        ({"company": LONG}, "Company", LONG[:254].rstrip() + "…"),
        ({"last_name": "é" * 81}, "LastName", "é" * 79 + "…"),
        ({"last_name": "🦀" * 41}, "LastName", "🦀" * 39 + "…"),
        ({"first_name": FAMILY * 4}, "FirstName", FAMILY * 3 + "…"),
        ({"company": "של\u05d5ם ע\u05d5לם"}, "Company", "של\u05d5ם ע\u05d5לם"),
        ({"company": "\u202eoc\u202c"}, "Company", "\u202eoc\u202c"),
        ({"title": "Bu\x00y\x07er\r\nof things"}, "Title", "Buyer of things"),
        ({"title": "\ud83d"}, "Title", "\ufffd"),
        ({"phone": "+" + "1" * 39}, "Phone", "+" + "1" * 39),
        ({"description": "one\ntwo"}, "Description", "one\ntwo"),
        ({"description": "x" * 40_000}, "Description", "x" * 31_999 + "…"),
        ({"title": "<b>'\"\\;--"}, "Title", "<b>'\"\\;--"),
    ],
)
def test_is_delivered_by_rule(changes: dict[str, Any], field: str, expected: str, org: Organization) -> None:
    assert landed(org, **changes)[field] == expected


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ({"company": LONG}, f"Company: {LONG.strip()}"),
        ({"last_name": "é" * 81}, f"Last Name: {'é' * 81}"),
        ({"phone": "1" * 41}, f"Phone: {'1' * 41}"),
        ({"email": "a" * 80 + "@x.example"}, f"Email: {'a' * 80}@x.example"),
    ],
)
def test_what_is_cut_or_left_out_stands_whole_in_the_description(
    changes: dict[str, Any], kept: str, org: Organization
) -> None:
    assert landed(org, **changes)["Description"].endswith(kept)
    assert landed(org, **changes)["Description"].startswith("Please call.")


@pytest.mark.parametrize("field", ["Phone", "Email"])
def test_half_a_number_or_address_is_not_sent(field: str, org: Organization) -> None:
    assert field not in landed(org, phone="1" * 41, email="a" * 80 + "@x.example")


def test_nothing_given_is_nothing_sent(org: Organization) -> None:
    record = landed(org, extra={"utm_source": None}, mapping={"City": "{Extra.utm_source}"}, **NONE_GIVEN)
    assert not {"FirstName", "Email", "Phone", "Country", "Title", "Description", "City"} & record.keys()


@pytest.mark.parametrize(("given", "sent"), [("CRM", "CRM"), (" crm ", "CRM"), ("Telephones", None), ("", None)])
def test_a_restricted_pick_list_gets_what_it_has(given: str, sent: str | None, org: Organization) -> None:
    record = landed(org, {"Product_Interest__c": "{Extra.product}"}, extra={"product": given})
    assert record.get("Product_Interest__c") == sent
    left_over = "Product Interest: Telephones" in record["Description"]
    assert left_over is (given == "Telephones")


@pytest.mark.parametrize(("country", "sent"), [("DE", "DE"), ("germany", "DE"), ("Atlantis", None)])
def test_a_country_goes_by_its_code_where_countries_are_a_pick_list(
    country: str, sent: str | None, org: Organization
) -> None:
    codes = picked("CountryCode", ("DE", "US"), label="Country Code", restrictedPicklist=True)
    codes["picklistValues"][0]["label"] = "Germany"
    org.fields.append(codes)
    record = landed(org, country=country)
    assert record.get("CountryCode") == sent
    assert record.get("Country") == (None if sent else "Atlantis")


def test_a_field_that_is_hidden_from_us_is_told_in_words(org: Organization) -> None:
    org.fields = [found for found in org.fields if found["name"] != "Title"]
    assert landed(org)["Description"] == "Please call.\nTitle: Buyer"


@pytest.mark.parametrize("missing", ["", "n/a"])
def test_who_has_person_accounts_may_leave_the_company_out(missing: str, org: Organization) -> None:
    next(found for found in org.fields if found["name"] == "Company")["nillable"] = not missing
    result = deliver_one(replace(LEAD, company=""), missing_company=missing)
    assert isinstance(result, Receipt)
    assert org.live()[0].get("Company", "") == missing


def test_a_company_that_is_demanded_and_left_out_is_salesforces_to_refuse(org: Organization) -> None:
    result = deliver_one(replace(LEAD, company=""), missing_company="")
    assert isinstance(result, Rejected)
    assert result.sentence == "Salesforce demands a field that is empty (Company)."


def test_an_address_that_is_none_is_rejected_by_name(org: Organization) -> None:
    result = deliver_one(replace(LEAD, email="not an address"))
    assert isinstance(result, Rejected)
    assert result.sentence == "Salesforce does not take the e-mail address of this lead (Email)."


@pytest.mark.parametrize(
    ("changes", "field", "expected"),
    [
        ({"last_name": ""}, "last_name", "Zoë"),
        (NONE_GIVEN, "last_name", NOT_PROVIDED),
        (NONE_GIVEN, "company", NOT_PROVIDED),
        ({"company": LONG}, "company", LONG[:39].rstrip() + "…"),
        ({"first_name": "🦀\x00של\u05d5ם"}, "first_name", "🦀של\u05d5ם"),
        ({"do_not_contact": True}, "emailOptOut", "1"),
        ({"do_not_contact": True}, "doNotCall", "1"),
    ],
)
def test_a_form_is_filled_by_the_same_rules(
    changes: dict[str, Any], field: str, expected: str, org: Organization
) -> None:
    assert isinstance(deliver_one(replace(LEAD, **changes), **FORM), Receipt)
    assert org.posts[-1][field] == expected


def test_a_form_without_a_company_is_rejected_because_salesforce_would_drop_it(server: FakeServer) -> None:
    result = deliver_one(replace(LEAD, company=""), **FORM, missing_company="")
    assert isinstance(result, Rejected)
    assert result.sentence == "Salesforce demands company (company), and this lead has none."
    assert not server.requests


ANY = st.text(st.characters(codec=None), max_size=400)  # halves of characters too


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.builds(lambda *texts: dict(zip(NONE_GIVEN, texts, strict=True)), *[ANY] * len(NONE_GIVEN)), st.booleans())
def test_whatever_is_typed_fits(texts: dict[str, Any], by_form: bool) -> None:  # noqa: FBT001
    layout: Layout = WEB_TO_LEAD if by_form else REST
    schema = layout.standard if by_form else SCHEMA
    recipe = Recipe(
        layout=layout, schema=schema, templates=layout.defaults, mapped=frozenset(), missing_company=NOT_PROVIDED
    )
    record = recipe.record(replace(LEAD, **texts))
    assert record[layout.last_name]
    assert record[layout.company]
    for name, value in record.items():
        limit = (schema.get(name) or layout.standard.fields[name]).length
        assert limit is None or utf16_units(value) <= limit
        assert "\x00" not in value
        value.encode()
