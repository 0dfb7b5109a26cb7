from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.ids import uuid7
from leads.taxonomy import BUTTONS, MEANINGS, Action, Source, Stage, UnknownWord, meaning, read_action, read_source
from leads.taxonomy import split_lead_source as split


@pytest.mark.parametrize(
    ("source", "action", "stage"),
    [
        ("TestDrive", "StartTestDrive", "test drive"),
        ("AzureMarketplace", "INS", "initial interest"),
        ("SPZA", "INS", "initial interest"),
        ("AzurePortal", "Create", "active"),
        ("SPZA", "PLT", "active"),
    ],
)
def test_each_act_has_the_stage_of_2018(source: str, action: str, stage: str) -> None:
    found = meaning(Source(source), Action(action)).stage
    assert found is not None
    assert found.label == stage


def test_do_not_contact_has_no_stage() -> None:
    assert meaning(Source.APPSOURCE, Action.DO_NOT_CONTACT).stage is None


@pytest.mark.parametrize("spelling", ["SPZA", "spza", "AppSource", "AppSource (SPZA)", " appsource  (spza) "])
def test_appsource_is_read_in_every_spelling(spelling: str) -> None:
    assert read_source(spelling) is Source.APPSOURCE


@pytest.mark.parametrize(("read", "field"), [(read_source, "LeadSource"), (read_action, "ActionCode")])
def test_an_unknown_word_names_its_field_and_what_is_allowed(read: Callable[[str], object], field: str) -> None:
    with pytest.raises(UnknownWord, match=f"{field} must be one of") as refused:
        read("Elsewhere")
    assert refused.value.field == field


def test_a_pair_that_no_button_leads_to_says_what_would_fit() -> None:
    with pytest.raises(UnknownWord, match="for LeadSource AzurePortal must be Create"):
        meaning(Source.AZURE_PORTAL, Action.INSTALL)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("AzureMarketplace-INS|contoso.crm", ("AzureMarketplace", "INS", "contoso.crm")),
        ("AppSource (SPZA)-PLT | contoso.crm", ("AppSource (SPZA)", "PLT", "contoso.crm")),
        (
            " TestDrive - StartTestDrive |docusign.3701c77e-1cfa",
            ("TestDrive", "StartTestDrive", "docusign.3701c77e-1cfa"),
        ),
    ],
)
def test_a_whole_lead_source_is_taken_apart(text: str, parts: tuple[str, str, str]) -> None:
    assert split(text) == parts


@pytest.mark.parametrize("text", ["SPZA", "SPZA-INS", "SPZA-INS|", "|contoso.crm", ""])
def test_anything_else_is_not_a_whole_lead_source(text: str) -> None:
    assert split(text) is None


@given(
    pair=st.sampled_from(sorted(MEANINGS)),
    offer=st.from_regex(r"\A[a-z0-9]{2,9}\.[a-z0-9_-]{3,30}\Z"),
    gap=st.sampled_from(["", " "]),
)
def test_what_is_written_is_read_back(pair: tuple[Source, Action], offer: str, gap: str) -> None:
    assert split(f"{pair[0].value}-{pair[1].value}{gap}|{gap}{offer}") == (pair[0].value, pair[1].value, offer)


def test_every_button_means_something_on_its_storefront() -> None:
    for storefront, buttons in BUTTONS.items():
        assert [meaning(*button).stage for button in buttons] == list(Stage)
        assert {meaning(*button).storefront for button in buttons} <= {None, storefront}


def test_ids_sort_by_time_and_are_version_7() -> None:
    ids = [uuid7() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert {made.version for made in ids} == {7}
    assert [str(made)[:13] for made in ids] == sorted(str(made)[:13] for made in ids)
