"""What a lead becomes, and what no table would hold."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.azure_table import rows
from connectors.azure_table.azurite import Azurite
from connectors.azure_table.connector import AzureTable
from connectors.azure_table.fake import limits
from connectors.azure_table.fake.refusals import Refusal
from connectors.azure_table.fake.tables import FakeTables
from connectors.base import Receipt
from connectors.errors import Misconfigured, Rejected
from connectors.fakes import FakeServer
from connectors.fitting import utf16_units
from connectors.samples import sample_lead
from leads import mappings
from portal.api import connecting
from portal.api.problems import Problem
from tests.connectors.azure_table.conftest import Deliver, lead
from tests.connectors.azure_table.worlds import BY_KEY, directly
from tests.factories import make_destination

RIGHT_TO_LEFT = "\u202b\u05e9\u05dc\u05d5\u05dd \u0639\u0627\u0644\u0645\u202c"
DETAILS = ("first_name", "last_name", "title", "company", "email", "phone", "country", "description")


def test_is_what_flows_know_and_more() -> None:
    assert dict(rows.row(lead(), rows.DEFAULTS | {"Campaign": "{Extra.utm_source}", "Title": "Dr {LastName}"})) == {
        "PartitionKey": "2026-11-22",
        "RowKey": "7f1f7f0e-5f0c-4f3b-9c1e-000000000001",
        "ActionCode": "PLT",
        "CreatedTime": "2026-11-22T10:00:00.123Z",
        "CustomerInfo": json.dumps(
            {
                "FirstName": "Zoë",
                "LastName": "",
                "Title": "",
                "Company": "",
                "Email": "zoe@contoso.example",
                "Phone": "",
                "Country": "",
            },
            ensure_ascii=False,
        ),
        "Description": "",
        "LeadSource": "SPZA",
        "OfferDisplayName": "Contoso CRM",
        "FirstName": "Zoë",
        "LastName": "",
        "Email": "zoe@contoso.example",
        "Phone": "",
        "Country": "",
        "Company": "",
        "Title": "Dr",
        "OfferId": "contoso.crm",
        "LeadId": "7f1f7f0e-5f0c-4f3b-9c1e-000000000001",
        "ReceivedAt": datetime.fromisoformat("2026-11-22T10:00:00.123456+00:00"),
        "IsTest": False,
        "IsPreview": False,
        "DoNotContact": False,
        "Campaign": "",
    }


def test_flags_are_columns() -> None:
    row = rows.row(replace(lead(), do_not_contact=True, is_preview=True), rows.DEFAULTS)
    assert (row["DoNotContact"], row["IsPreview"], row["IsTest"]) == (True, True, False)


def test_partition_is_the_day_in_utc_and_tests_are_apart() -> None:
    late = datetime.fromisoformat("2026-11-22T23:30:00-05:00")
    assert rows.partition(lead(received_at=late)) == "2026-11-23"
    assert rows.partition(sample_lead()) == "__test"


BAD_TEXTS = {
    "no last name": ({"last_name": ""}, {"LastName": ""}),
    "no company": ({"company": ""}, {"Company": ""}),
    "nothing but a source": (dict.fromkeys(DETAILS, ""), dict.fromkeys(("Email", "Company", "Description"), "")),
    "300-character company": ({"company": "x" * 300}, {"Company": "x" * 300}),
    "3,000-character company": (
        {"company": "x" * 3_000, "description": "call me"},
        {"Company": "x" * 1_999 + "…", "Description": "call me\n\nCompany: " + "x" * 3_000},
    ),
    "40,000-character description": ({"description": "y" * 40_000}, {"Description": "y" * 32_767 + "…"}),
    "emoji": ({"company": "Ünï 👩‍👩‍👧 🚀"}, {"Company": "Ünï 👩‍👩‍👧 🚀"}),
    "emoji across the limit": ({"company": "x" * 1_998 + "🚀🚀"}, {"Company": "x" * 1_998 + "…"}),
    "right to left": (
        {"last_name": RIGHT_TO_LEFT},
        {"LastName": RIGHT_TO_LEFT},
    ),
    "NUL": ({"last_name": "Lo\x00ve", "description": "a\x00b"}, {"LastName": "Love", "Description": "ab"}),
    "control characters": ({"company": "A\x1bB\x07\r\nC"}, {"Company": "AB C"}),
    "half a character": ({"company": "A\ud800B"}, {"Company": "A\ufffdB"}),
    "quotes and braces": ({"company": 'O\'Neil "{}" </b> %41'}, {"Company": 'O\'Neil "{}" </b> %41'}),
}


@pytest.mark.parametrize("name", BAD_TEXTS)
def test_bad_text_lands_by_rule(
    name: str, deliver: Deliver, azurite: FakeServer, azurite_server: Azurite, azure: FakeServer, account: FakeTables
) -> None:
    given_, expected = BAD_TEXTS[name]
    number = 1_000 + list(BAD_TEXTS).index(name)
    sent = lead(number, **given_)
    [at_the_fake] = deliver(sent)
    assert isinstance(at_the_fake, Receipt), at_the_fake
    kept = account.tables["marketplaceleads"]["2026-11-22", sent.id]
    assert {column: kept[column] for column in expected} == expected
    azure.always = azurite.always
    [at_azurite] = deliver(sent)
    assert isinstance(at_azurite, Receipt), at_azurite
    found = directly(azurite_server).get_entity("2026-11-22", sent.id)
    assert {column: found[column] for column in expected} == expected


@pytest.mark.parametrize(
    ("given_", "mapping", "rule"),
    [
        ({"id": "a/b"}, {}, "its id cannot be a row key"),
        ({"id": ""}, {}, "its id cannot be a row key"),
        ({"id": "x" * 513}, {}, "its id cannot be a row key"),
        ({"description": "z" * 32_000}, {f"Copy{n}": "{Description}" for n in range(20)}, "and a row holds 1,048,576"),
    ],
)
def test_what_no_table_holds_is_rejected_with_the_rule(
    given_: dict[str, Any], mapping: dict[str, str], rule: str, deliver: Deliver, azure: FakeServer
) -> None:
    good, bad = lead(1), lead(2, **given_)
    [first, second] = deliver(good, bad, mapping=mapping)
    assert isinstance(first, Receipt)
    assert isinstance(second, Rejected)
    assert second.sentence.startswith("The lead does not fit into a row of Azure Table: ")
    assert rule in second.sentence
    assert second.fix


@pytest.mark.parametrize("column", ["My Column", "a-b", "1st", "a.b", "x" * 256, "ä b", "Tür/1"])
def test_column_that_no_table_has_concerns_every_lead(column: str, deliver: Deliver, azure: FakeServer) -> None:
    results = deliver(lead(1), lead(2), mapping={column: "x"})
    assert [type(result) for result in results] == [Misconfigured] * 2
    assert not azure.requests


@pytest.mark.django_db
def test_column_that_no_table_has_is_refused_where_it_is_mapped() -> None:
    wanted = {"My Column": "x"}
    sentence = "My Column is no name for a column: it takes letters, digits and _, a letter first, 255 at most."
    assert mappings.faults(make_destination(connector="azure_table", config=BY_KEY), wanted) == [sentence]
    with pytest.raises(Problem) as refused:
        connecting.checked_mapping(AzureTable, wanted)
    assert sentence in str(vars(refused.value))
    assert connecting.checked_mapping(AzureTable, {"MyColumn": "x"}) == {"MyColumn": "x"}


def test_column_that_is_mapped_to_nothing_is_not_sent(deliver: Deliver, azure: FakeServer) -> None:
    deliver(lead(), mapping={"Title": "", "Phone": ""})
    sent = azure.requests[0].json()
    assert {"Title", "Phone"} & sent.keys() == set()
    assert "Email" in sent


def test_too_many_columns_concern_every_lead(deliver: Deliver, azure: FakeServer) -> None:
    [result] = deliver(lead(), mapping={f"C{number}": "x" for number in range(250)})
    assert isinstance(result, Misconfigured)
    assert "A row holds 252 columns" in result.sentence


pieces = st.text(max_size=30) | st.text(alphabet='"\\\x00\ud800🚀é\n', min_size=1, max_size=30)
texts = st.builds(lambda piece, times: (piece * times)[:3_000], pieces, st.integers(0, 2_500))


@given(st.fixed_dictionaries(dict.fromkeys(DETAILS, texts)))
def test_whatever_customers_type_is_a_row_that_azure_holds(typed: dict[str, Any]) -> None:
    row = rows.row(replace(lead(), **typed), rows.DEFAULTS)
    written = json.loads(json.dumps({name: str(value) for name, value in row.items()}))
    limits.check(written)
    assert utf16_units(str(row["CustomerInfo"])) <= rows.LONGEST_TEXT
    assert "\x00" not in "".join(written.values())


@pytest.mark.parametrize(
    ("entity", "code"),
    [
        ({"PartitionKey": "a"}, "PropertiesNeedValue"),
        ({"PartitionKey": "a", "RowKey": "a/b"}, "OutOfRangeInput"),
        ({"PartitionKey": "a", "RowKey": "x" * 513}, "KeyValueTooLarge"),
        ({"PartitionKey": "a", "RowKey": "b", "a b": 1}, "PropertyNameInvalid"),
        ({"PartitionKey": "a", "RowKey": "b", "x" * 256: 1}, "PropertyNameTooLong"),
        ({"PartitionKey": "a", "RowKey": "b", "C": "x" * 32_769}, "PropertyValueTooLarge"),
        ({"PartitionKey": "a", "RowKey": "b", "C": []}, "InvalidInput"),
        ({"PartitionKey": "a", "RowKey": "b"} | {f"C{n}": 1 for n in range(253)}, "TooManyProperties"),
        ({"PartitionKey": "a", "RowKey": "b"} | {f"C{n}": "x" * 32_000 for n in range(17)}, "EntityTooLarge"),
    ],
)
def test_fake_holds_rows_to_what_the_emulator_does_not(entity: dict[str, Any], code: str) -> None:
    with pytest.raises(Refusal, match=code):
        limits.check(entity)
