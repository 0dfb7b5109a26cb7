"""The form of settings: what it asks for, what it takes, and what it says where it does not."""

from __future__ import annotations

from typing import Any

import pytest

from connectors import registry
from connectors.marketo.forms import MarketoForm
from tests.connectors.marketo.acting import FORM, STORED


def form(**changes: Any) -> MarketoForm:
    return MarketoForm(data={**STORED, **changes})


def test_needs_no_more_than_three_settings() -> None:
    filled = MarketoForm(data={key: STORED[key] for key in ("munchkin_id", "client_id", "client_secret")})
    assert filled.is_valid(), filled.errors
    assert filled.config()["mode"] == "sync"


@pytest.mark.parametrize("name", ["munchkin_id", "client_id", "client_secret"])
def test_says_what_is_missing(name: str) -> None:
    filled = form(**{name: ""})
    assert filled.errors[name] == [f"{filled.fields[name].label} is required."]


def test_needs_a_form_id_with_a_form_alone() -> None:
    assert form(mode="form").errors["form_id"] == ['Form ID is needed for way in "Fill out a form".']
    assert form(**FORM).is_valid()


def test_forgets_what_belongs_to_the_other_way() -> None:
    filled = form(mode="sync", form_id="1179", partition="Europe")
    assert filled.is_valid()
    assert (filled.config()["form_id"], filled.config()["partition"]) == ("", "Europe")
    filled = form(**FORM, partition="Europe")
    assert filled.is_valid()
    assert (filled.config()["form_id"], filled.config()["partition"]) == ("1179", "")


@pytest.mark.parametrize("typed", ["1179", "mktoForm_1179", " 1179 ", "01179"])
def test_takes_a_form_id_as_it_is_copied(typed: str) -> None:
    filled = form(mode="form", form_id=typed)
    assert filled.is_valid(), filled.errors
    assert filled.config()["form_id"] == "1179"


@pytest.mark.parametrize("typed", ["form", "-1", "1179/..", "1.5", "١١٧٩", "123456789", "MktoForms2"])
def test_refuses_another_form_id_with_the_rule(typed: str) -> None:
    [sentence] = form(mode="form", form_id=typed).errors["form_id"]
    assert sentence == "Form ID must be the number after mktoForm_ in the embed code, such as 1179."


@pytest.mark.parametrize("typed", ["1107", "PG1107A1", "PG1107"])
def test_takes_a_programs_number_as_it_is_copied(typed: str) -> None:
    filled = form(**FORM, program=typed)
    assert filled.is_valid(), filled.errors
    assert filled.config()["program"] == "1107"


def test_with_a_form_refuses_a_programs_name() -> None:
    assert form(**FORM, program="Marketplace").errors["program"] == [
        "Program must be its number, such as 1107 in an address that ends with #PG1107A1."
    ]


def test_without_a_form_takes_a_programs_name_alone() -> None:
    assert form(program="Marketplace leads 2026").is_valid()


def test_asks_for_the_secret_again_where_the_subscription_changes() -> None:
    changed = MarketoForm(data={**STORED, "client_secret": "", "munchkin_id": "999-XYZ-999"}, stored=STORED)
    assert changed.errors["client_secret"] == ["Enter the client secret again: the Munchkin ID changed."]
    kept = MarketoForm(data={**STORED, "client_secret": ""}, stored=STORED)
    assert kept.is_valid()
    assert kept.config()["client_secret"] == STORED["client_secret"]


def test_takes_the_same_subscription_in_another_spelling() -> None:
    kept = MarketoForm(
        data={**STORED, "client_secret": "", "munchkin_id": "https://123-abc-456.mktorest.com/rest"}, stored=STORED
    )
    assert kept.is_valid(), kept.errors


@pytest.mark.parametrize("name", list(MarketoForm.base_fields))
def test_refuses_what_is_no_text(name: str) -> None:
    assert not form(**{"mode": "form", name: ["x"]}).is_valid()


def test_the_secret_is_not_shown() -> None:
    assert STORED["client_secret"] not in str(MarketoForm(stored=STORED))
    config = registry.get("marketo").config_class.load(STORED)
    assert STORED["client_secret"] not in repr(config)
