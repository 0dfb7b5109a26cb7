"""What goes into which field of the target."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import mapping
from connectors.base import LeadPayload, TargetField

LEAD = LeadPayload(
    id="lead-7",
    offer_id="contoso.crm",
    offer_title="Contoso CRM",
    source="AzureMarketplace",
    action="INS",
    received_at=datetime(2026, 11, 22, tzinfo=UTC),
    first_name="Ada {LastName}",
    last_name="Lovelace",
    email="ada@contoso.example",
    phone="1",
    country="GB",
    company="Analytical",
    title="Countess",
    description="Notes",
    extra={"utm_source": "news", "seats": 3, "trial": True, "none": None, "nested": {"a": ["ü"]}, "a.b": "dotted"},
)


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("constant", "constant"),
        ("", ""),
        ("{FirstName}", "Ada {LastName}"),
        ("{LastName}, {Title} ({Country})", "Lovelace, Countess (GB)"),
        ("{LeadSource}-{ActionCode}|{OfferId}", "AzureMarketplace-INS|contoso.crm"),
        ("{OfferTitle} {LeadId} {Email} {Phone} {Company}", "Contoso CRM lead-7 ada@contoso.example 1 Analytical"),
        ("{Description}{Description}", "NotesNotes"),
        ("{Extra.utm_source}", "news"),
        ("{Extra.seats} {Extra.trial} {Extra.none} {Extra.missing}", "3 true  "),
        ("{Extra.nested}", '{"a":["ü"]}'),
        ("{Extra.a.b}", "dotted"),
    ],
)
def test_apply(template: str, value: str) -> None:
    assert mapping.validate({"Target": template}) == []
    assert mapping.apply({"Target": template}, LEAD) == {"Target": value}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"T": "{Firstname}"}, "T: {Firstname} is not a field of a lead; use one of FirstName, "),
        ({"T": "{Extra}"}, "T: {Extra} is not a field of a lead"),
        ({"T": "{Extra.}"}, "T: {Extra.} must name a key of the extra data"),
        ({"T": "{}"}, "T: {} is not a field of a lead"),
        ({"T": "{FirstName"}, "T: braces must come in pairs"),
        ({"T": "FirstName}"}, "T: braces must come in pairs"),
        ({"T": "{{FirstName}}"}, "T: braces must come in pairs"),
        ({"T": 7}, "T: the value must be text."),
        ({"T": None}, "T: the value must be text."),
        ({"T": "x" * 1_001}, "T: the value must have at most 1,000 characters"),
        ({"T": "\x00"}, "T: the value must have at most 1,000 characters and no NUL"),
        ({"": "x"}, "A target field's name must have 1 to 255 characters"),
        ({"x" * 256: "x"}, "A target field's name must have 1 to 255 characters"),
        ({"a\nb": "x"}, "A target field's name must have 1 to 255 characters"),
        ({"LeadId": "x"}, "LeadId is always sent and cannot be mapped"),
        ({str(number): "x" for number in range(101)}, "The mapping may have at most 100 fields."),
    ],
)
def test_validate(wrong: dict[str, Any], sentence: str) -> None:
    faults = mapping.validate(wrong, reserved={"LeadId"})
    assert len(faults) == 1
    assert faults[0].startswith(sentence)
    assert faults[0].endswith(".")


@given(st.dictionaries(st.text(), st.text() | st.integers()))
def test_what_passes_can_be_applied(candidate: dict[str, Any]) -> None:
    if not mapping.validate(candidate):
        assert mapping.apply(candidate, LEAD).keys() == candidate.keys()


COMPANY = TargetField(name="Company", label="Company name", required=True, max_length=10)
SOURCE = TargetField(name="LeadSource", label="Lead source", kind="choice", choices=("Web", "Phone"), restricted=True)
RATING = TargetField(name="Rating", label="Rating", kind="choice", choices=("Hot", "Cold"))
NOTES = TargetField(name="Notes", label="Notes")
FIELDS = (COMPANY, SOURCE, RATING, NOTES)


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ({"Fax": "1"}, "Fax is not a field that the target lets us write. Choose one of its own."),
        ({"Company": ""}, "Company name is required by the target, so something must be sent."),
        ({"Company": "C" * 11}, "Company name takes 10 characters, and this text has 11."),
        (
            {"LeadSource": "web"},
            "Lead source takes one of its own values only, and “web” is none: Web, Phone.",
        ),
    ],
)
def test_judge_names_field_and_rule(wanted: dict[str, str], sentence: str) -> None:
    assert mapping.judge(wanted, FIELDS) == [sentence]
    assert mapping.judge(wanted, ()) == []


@pytest.mark.parametrize(
    "wanted",
    [
        {"Company": "C" * 10, "LeadSource": "Web", "Rating": "Lukewarm", "Notes": "n" * 900},
        {"Company": "{Company} and {OfferTitle}", "LeadSource": "{LeadSource}"},
        {"LeadSource": "", "Rating": ""},
    ],
)
def test_judge_takes_what_fits_and_leaves_what_a_lead_fills_in_to_the_sending(wanted: dict[str, str]) -> None:
    assert mapping.judge(wanted, FIELDS) == []


def test_a_long_pick_list_is_not_read_out_to_the_end() -> None:
    field = TargetField(name="C", label="Country", choices=tuple(f"c{n}" for n in range(200)), restricted=True)
    [sentence] = mapping.judge({"C": "x"}, [field])
    assert sentence.endswith("c8, c9, ….")


def test_required_fields_that_nothing_goes_into_are_uncovered() -> None:
    assert mapping.uncovered({"Notes": "{Description}"}, FIELDS) == [COMPANY]
    assert mapping.uncovered({"Company": ""}, FIELDS) == [COMPANY]
    assert mapping.uncovered({"Company": "{Company}"}, FIELDS) == []


def test_flags_and_times_can_be_sent() -> None:
    templates = {"When": "{ReceivedAt}", "Test": "{IsTest}", "Quiet": "{DoNotContact}"}
    assert mapping.apply(templates, LEAD) == {"When": "2026-11-22T00:00:00+00:00", "Test": "false", "Quiet": "false"}
