"""A target's fields are asked for once a day, and a target that cannot be asked stops nobody."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytest_django.fixtures import Settings
from redis import Redis

from connectors import store
from connectors.base import TargetField
from connectors.errors import Unavailable
from leads import catalogue, destinations, mappings
from leads.models import Destination
from tests.leads.scripted import Scripted

pytestmark = pytest.mark.django_db

Connect = Callable[..., Destination]
FIELDS = [
    TargetField(name="Company", label="Company name", required=True, max_length=40),
    TargetField(name="Source", label="Source", kind="choice", choices=("Web", "Phone"), restricted=True, unique=True),
]


@pytest.fixture
def asked(scripted: type[Scripted], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let the target name its fields; collect who was asked."""
    monkeypatch.setattr(store, "_away_until", 0.0)
    asked: list[str] = []

    def fields(connector: Scripted) -> list[TargetField]:
        asked.append(connector.config.url)
        return FIELDS

    monkeypatch.setattr(scripted, "fields", fields)
    return asked


def away(scripted: type[Scripted], monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fields(connector: Scripted) -> list[TargetField]:
        raise error

    monkeypatch.setattr(scripted, "fields", fields)


def test_fields_are_asked_for_once_a_day_and_come_back_as_they_were(
    connect: Connect, asked: list[str], redis: Redis
) -> None:
    destination = connect()
    assert catalogue.kept(destination) is None
    first, again = catalogue.read(destination), catalogue.read(destination)
    assert first == again == catalogue.kept(destination)
    assert list(again.fields) == FIELDS
    assert len(asked) == 1
    [name] = redis.keys("fields:*")
    assert 86_000 < redis.ttl(name) <= 86_400


def test_they_are_asked_for_anew_on_purpose_and_after_other_settings(connect: Connect, asked: list[str]) -> None:
    destination = connect()
    catalogue.read(destination)
    catalogue.read(destination, afresh=True)
    destinations.change(destination, config=destination.config | {"url": "https://other.example"})
    assert catalogue.kept(destination) is None
    catalogue.read(destination)
    assert asked[-1] == "https://other.example"
    assert len(asked) == 3


def test_a_target_that_is_away_is_named_and_left_alone_for_minutes(
    connect: Connect, scripted: type[Scripted], monkeypatch: pytest.MonkeyPatch, redis: Redis
) -> None:
    away(scripted, monkeypatch, Unavailable("It is away.", cause="http-503", fix="Wait."))
    learnt = catalogue.read(connect())
    assert (learnt.fields, learnt.problem, learnt.fix) == ((), "It is away.", "Wait.")
    [name] = redis.keys("fields:*")
    assert redis.ttl(name) <= 300


def test_a_crash_is_logged_without_its_message(
    connect: Connect, scripted: type[Scripted], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    away(scripted, monkeypatch, RuntimeError("sesame"))
    assert catalogue.read(connect()).problem == "Something went wrong on our side."
    assert "RuntimeError" in caplog.text
    assert "sesame" not in caplog.text


def test_settings_that_no_key_opens_are_said(connect: Connect, asked: list[str], settings: Settings) -> None:
    destination = connect()
    settings.FIELD_KEYS = ["y" * 43 + "="]
    assert catalogue.read(destination).problem == "The stored settings cannot be read."
    sheet = mappings.sheet(destination, {})
    assert (sheet.preview, sheet.unseen) == (None, mappings.CANNOT_SHOW)


def test_without_redis_the_target_is_asked_each_time(connect: Connect, asked: list[str], settings: Settings) -> None:
    destination = connect()
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    for _ in range(2):
        assert list(catalogue.read(destination).fields) == FIELDS
    assert len(asked) == 2


def test_a_mapping_is_judged_by_the_fields_where_they_are_known(connect: Connect, asked: list[str]) -> None:
    destination = connect()
    assert mappings.faults(destination, {"Fax": "1"}) == []
    catalogue.read(destination)
    [fault] = mappings.faults(destination, {"Fax": "1"})
    assert fault.startswith("Fax is not a field")
    [fault] = mappings.faults(destination, {"Fax": "{Nobody}"})
    assert "{Nobody} is not a field of a lead" in fault


def test_a_sheet_lays_out_defaults_what_is_missing_and_the_message(
    connect: Connect, asked: list[str], scripted: type[Scripted], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scripted, "defaults", {"Source": "Web", "Email": "{Email}"})
    monkeypatch.setattr(scripted, "reserved_fields", frozenset({"Email"}))
    sheet = mappings.sheet(connect(), {"Source": "Phone"})
    told = [(one.field, one.label, one.template, one.fixed, one.replaced) for one in sheet.defaults]
    assert told == [("Source", "Source", "Web", False, True), ("Email", "Email", "{Email}", True, False)]
    assert [field.name for field in sheet.uncovered] == ["Company"]
    assert sheet.preview is not None
    assert sheet.preview.body == "someone@example.com"
