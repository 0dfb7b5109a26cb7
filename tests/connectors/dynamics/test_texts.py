"""Leads that are hard to write down: delivered by rule, and nothing of them lost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors import registry
from connectors.base import Receipt
from connectors.dynamics.config import DynamicsConfig
from connectors.dynamics.imitation.described import lead_columns, picked
from connectors.dynamics.imitation.environment import Environment
from connectors.dynamics.imitation.rules import check
from connectors.dynamics.layout import DEFAULTS, FLAGS, STANDARD
from connectors.dynamics.records import DO_NOT_CONTACT, NOBODY, Recipe
from connectors.fitting import utf16_units
from tests.connectors.dynamics.acting import STORED, deliver_one
from tests.connectors.leads import LEAD

pytestmark = pytest.mark.usefixtures("server")

SOURCE = "Lead Source: SPZA-PLT|Contoso CRM"
LONG = "Contoso " * 40  # 320 characters
FAMILY = "👨‍👩‍👧‍👦"
NONE_GIVEN: dict[str, Any] = dict.fromkeys(
    ("first_name", "last_name", "email", "phone", "country", "company", "title", "description")
)


def landed(
    env: Environment, mapping: dict[str, str] | None = None, given: dict[str, Any] | None = None, **changes: Any
) -> dict[str, Any]:
    """Deliver a lead with these details, and return the record that it became."""
    env.records.clear()
    result = deliver_one(replace(LEAD, **changes), mapping, **(given or {}))
    assert isinstance(result, Receipt), result
    [record] = env.records.values()
    return record


def test_a_usual_lead_becomes_a_usual_record(env: Environment) -> None:
    record = landed(env)
    assert {name: value for name, value in record.items() if name not in ("leadid", "merged")} == {
        "subject": "Contoso CRM - Contoso",
        "firstname": "Zoë",
        "lastname": "Lovelace",
        "companyname": "Contoso",
        "jobtitle": "Buyer",
        "emailaddress1": "zoe@contoso.example",
        "telephone1": "+49 30 1234",
        "address1_country": "Germany",
        "leadsourcecode": 8,
        "description": f"Please call.\n{SOURCE}\nutm_source: news",
    }


@pytest.mark.parametrize(
    ("changes", "column", "expected"),
    [
        ({"last_name": ""}, "lastname", "Zoë"),
        ({"last_name": "", "first_name": "Ada King Lovelace"}, "lastname", "Lovelace"),
        ({"last_name": "", "first_name": ""}, "lastname", "zoe"),
        ({"last_name": " \x00 ", "first_name": "\u200f", "email": ""}, "lastname", "\u200f"),
        (NONE_GIVEN, "lastname", NOBODY),
        (NONE_GIVEN, "subject", "Contoso CRM"),
        ({"company": ""}, "subject", "Contoso CRM - Zoë Lovelace"),
        ({"company": "\x00"}, "subject", "Contoso CRM - Zoë Lovelace"),
        ({"company": "", "first_name": "", "last_name": ""}, "subject", "Contoso CRM - zoe@contoso.example"),
        ({"offer_title": "\x00"}, "subject", "contoso.crm - Contoso"),
        ({"company": LONG}, "companyname", LONG[:99].rstrip() + "…"),
        ({"company": LONG}, "subject", ("Contoso CRM - " + LONG)[:299].rstrip() + "…"),
        ({"last_name": "é" * 51}, "lastname", "é" * 49 + "…"),
        ({"last_name": "🦀" * 26}, "lastname", "🦀" * 24 + "…"),
        ({"first_name": FAMILY * 5}, "firstname", FAMILY * 4 + "…"),
        ({"company": "של\u05d5ם ע\u05d5לם"}, "companyname", "של\u05d5ם ע\u05d5לם"),
        ({"company": "\u202eoc\u202c"}, "companyname", "\u202eoc\u202c"),
        ({"title": "Bu\x00y\x07er\r\nof things"}, "jobtitle", "Buyer of things"),
        ({"title": "\ud83d"}, "jobtitle", "\ufffd"),
        ({"phone": "+" + "1" * 49}, "telephone1", "+" + "1" * 49),
        ({"title": "<b>'\"\\;--"}, "jobtitle", "<b>'\"\\;--"),
    ],
)
def test_is_delivered_by_rule(changes: dict[str, Any], column: str, expected: str, env: Environment) -> None:
    assert landed(env, **changes)[column] == expected


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ({"company": LONG}, f"Company Name: {LONG.strip()}"),
        ({"last_name": "é" * 51}, f"Last Name: {'é' * 51}"),
        ({"phone": "1" * 51}, f"Business Phone: {'1' * 51}"),
        ({"email": "a" * 100 + "@x.example"}, f"Email: {'a' * 100}@x.example"),
        ({"description": "one\ntwo"}, "one\ntwo"),
        ({"extra": {"utm": {"a": [1]}, "k": None, "ü": "x\ny"}}, '\nutm: {"a":[1]}\nü: x y'),
        ({"extra": {"{Extra.x}": "y"}}, SOURCE),
    ],
)
def test_what_is_cut_or_has_no_column_stands_whole_in_the_description(
    changes: dict[str, Any], kept: str, env: Environment
) -> None:
    description = landed(env, **changes)["description"]
    assert kept in description
    assert SOURCE in description


@pytest.mark.parametrize("size", [1_900, 2_000, 4_000, 40_000])
def test_a_long_description_gives_way_to_what_has_no_other_place(size: int, env: Environment) -> None:
    description = landed(env, description="x" * size, company=LONG, do_not_contact=True)["description"]
    assert utf16_units(description) <= 2_000
    first, own, *others = description.split("\n")
    assert first == DO_NOT_CONTACT
    assert own.startswith("x" * 1_000)
    assert own.endswith("…")
    topic = f"Topic: Contoso CRM - {LONG.strip()}"
    assert others == [SOURCE, topic, f"Company Name: {LONG.strip()}", "utm_source: news"]


def test_much_that_has_no_other_place_leaves_half_to_the_description(env: Environment) -> None:
    extra = {f"key{number}": "y" * 90 for number in range(60)}
    description = landed(env, description="x" * 4_000, extra=extra)["description"]
    assert utf16_units(description) == 2_000
    assert description.startswith("x" * 999 + "…\n" + SOURCE)
    assert description.endswith("…")


def test_a_description_that_is_hidden_is_not_sent(env: Environment) -> None:
    env.columns = [found for found in env.columns if found["LogicalName"] != "description"]
    assert "description" not in landed(env)


@pytest.mark.parametrize("column", ["telephone1", "emailaddress1"])
def test_half_a_number_or_address_is_not_sent(column: str, env: Environment) -> None:
    assert column not in landed(env, phone="1" * 51, email="a" * 100 + "@x.example")


def test_nothing_given_is_nothing_sent(env: Environment) -> None:
    record = landed(env, {"new_offer": "{Extra.utm_source}"}, extra={"utm_source": None}, **NONE_GIVEN)
    assert not {"firstname", "emailaddress1", "telephone1", "address1_country", "jobtitle", "new_offer"} & record.keys()
    assert record["description"] == SOURCE


class TestALeadSource:
    @pytest.mark.parametrize(
        ("label", "given", "expected"),
        [
            ("SPZA-PLT|Contoso CRM", "Web", 77),
            ("spza-plt|contoso crm", "Web", 77),
            ("SPZA", "Web", 77),
            ("AppSource", "Web", 77),
            ("Something", "Web", 8),
            ("Something", "Partner", 4),
            ("Something", "10", 10),
            ("Something", "", None),
            ("Something", "No such choice", None),
        ],
    )
    def test_is_looked_up_by_its_label(self, label: str, given: str, expected: int | None, env: Environment) -> None:
        [source] = [found for found in env.columns if found["LogicalName"] == "leadsourcecode"]
        source |= picked("leadsourcecode", "Lead Source", {"Web": 8, "Partner": 4, "Other": 10, label: 77})
        record = landed(env, given={"lead_source": given})
        assert record.get("leadsourcecode") == expected
        assert SOURCE in record["description"]

    def test_that_is_mapped_goes_as_it_is_mapped(self, env: Environment) -> None:
        record = landed(env, {"leadsourcecode": "Seminar"})
        assert record["leadsourcecode"] == 6
        assert "Lead Source" not in record["description"]


@pytest.mark.parametrize(
    ("column", "given", "sent"),
    [
        ("new_product", "CRM", 100_000_000),
        ("new_product", " crm ", 100_000_000),
        ("new_product", "100000001", 100_000_001),
        ("new_product", "Telephones", None),
        ("new_product", "7", None),
        ("numberofemployees", "250", 250),
        ("numberofemployees", "2.5", None),
        ("numberofemployees", "many", None),
        ("numberofemployees", "1e9", None),
        ("revenue", "1000000.5", 1_000_000.5),
        ("revenue", "NaN", None),
        ("estimatedclosedate", "2026-12-01", "2026-12-01"),
        ("estimatedclosedate", "2026-12-01T10:00:00Z", "2026-12-01T10:00:00Z"),
        ("estimatedclosedate", "soon", None),
        ("donotfax", "Yes", True),
        ("donotfax", "false", False),
        ("donotfax", "perhaps", None),
        ("new_offer", "x", "x"),
    ],
)
def test_a_column_of_another_kind_gets_its_kind_of_value(
    column: str, given: str, sent: object, env: Environment
) -> None:
    record = landed(env, {column: "{Extra.it}"}, extra={"it": given})
    assert record.get(column) == sent
    assert type(record.get(column)) is type(sent)
    assert (f": {given.strip()}" in record["description"]) is (sent is None)


class TestDoNotContact:
    def test_sets_every_column_that_forbids_it(self, env: Environment) -> None:
        record = landed(env, do_not_contact=True)
        assert {name: record[name] for name in FLAGS} == dict.fromkeys(FLAGS, True)
        assert record["description"].startswith(f"{DO_NOT_CONTACT}\n")

    def test_is_told_in_words_where_a_column_is_hidden(self, env: Environment) -> None:
        env.columns = [found for found in env.columns if found["LogicalName"] not in FLAGS]
        assert landed(env, do_not_contact=True)["description"].startswith(DO_NOT_CONTACT)

    def test_sends_nothing_of_it_for_anybody_else(self, env: Environment) -> None:
        assert not {*FLAGS} & landed(env).keys()


def test_owner_and_campaign_are_referred_to(env: Environment) -> None:
    owner, campaign = "7a3c7c3e-1111-4c8a-8a44-3f0f5a1b2c3d", "8b4d8d4f-2222-4c8a-8a44-3f0f5a1b2c3d"
    env.owners, env.campaigns = {owner}, {campaign}
    record = landed(env, given={"owner": "user", "owner_id": owner, "campaign_id": campaign})
    assert record["ownerid@odata.bind"] == f"/systemusers({owner})"
    assert record["campaignid@odata.bind"] == f"/campaigns({campaign})"
    record = landed(env, given={"owner": "team", "owner_id": owner})
    assert record["ownerid@odata.bind"] == f"/teams({owner})"


def test_a_longer_column_of_theirs_is_used_to_its_end(env: Environment) -> None:
    next(found for found in env.columns if found["LogicalName"] == "companyname")["MaxLength"] = 400
    assert landed(env, company=LONG)["companyname"] == LONG.strip()


ANY = st.text(st.characters(codec=None), max_size=400)  # halves of characters too


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.builds(lambda *texts: dict(zip(NONE_GIVEN, texts, strict=True)), *[ANY] * len(NONE_GIVEN)), st.booleans())
def test_whatever_is_typed_fits(texts: dict[str, Any], do_not_contact: bool) -> None:  # noqa: FBT001
    recipe = Recipe(config=DynamicsConfig.load(STORED), schema=STANDARD, templates=DEFAULTS, mapped=frozenset())
    record = recipe.record(replace(LEAD, do_not_contact=do_not_contact, **texts))
    assert record["lastname"]
    assert record["subject"]
    check(Environment(columns=lead_columns()), record)
    for name, value in record.items():
        column = STANDARD.get(name)
        assert column
        assert column.length is None or utf16_units(value) <= column.length
        assert "\x00" not in str(value)
        str(value).encode()


@pytest.mark.parametrize(
    "name", ["campaignid@odata.bind", "@odata.type", "New_Offer", "new offer", "new.offer", "é", "new_offer\n", "1st"]
)
def test_a_name_that_no_column_can_have_is_not_mapped_to(name: str) -> None:
    [fault] = registry.get("dynamics").mapping_faults({name: "x", "new_offer": "y"})
    assert fault.startswith(f"{name} cannot be a column")
