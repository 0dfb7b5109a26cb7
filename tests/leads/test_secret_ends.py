"""When a secret ends: by what the settings say themselves, else by the publisher's word."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from connectors import registry
from leads import destinations
from leads.models import Destination
from tests.factories import make_destination, make_member, make_publisher
from tests.leads.scripted import Scripted
from tests.portal.visitor import Visitor

pytestmark = pytest.mark.django_db

Connect = Callable[..., Destination]
SAID = date(2031, 5, 6)


def ends(stored: Mapping[str, Any]) -> date | None:
    """Let a password such as ``until 2030-01-02`` say when it ends."""
    word, _, day = str(stored.get("password", "")).partition(" ")
    return date.fromisoformat(day) if word == "until" else None


@pytest.fixture(autouse=True)
def _dated(scripted: type[Scripted], monkeypatch: pytest.MonkeyPatch) -> None:
    for connector in (scripted, registry.get("https_endpoint")):
        monkeypatch.setattr(connector, "secret_ends", staticmethod(ends))


def ends_on(destination: Destination) -> str:
    return str(Destination.objects.get(pk=destination.pk).secret_expires_on)


def test_the_settings_go_before_the_publishers_word(connect: Connect) -> None:
    config = {"url": "https://a.example", "password": "until 2030-01-02"}
    made, _ = destinations.create(
        make_publisher(), name="Dated", connector="scripted", config=config, secret_expires_on=SAID
    )
    assert ends_on(made) == "2030-01-02"
    destinations.change(made, secret_expires_on=SAID)
    assert ends_on(made) == "2030-01-02"
    destinations.change(made, config=config | {"password": "until 2033-03-04"})
    assert ends_on(made) == "2033-03-04"


def test_a_secret_that_says_nothing_leaves_the_publishers_word_and_not_that_of_the_secret_before(
    connect: Connect,
) -> None:
    made = connect(config={"password": "until 2030-01-02"})
    destinations.change(made, config={"password": "plain"})
    assert ends_on(made) == "None"
    destinations.change(made, secret_expires_on=SAID)
    destinations.change(made, config={"password": "another"})
    assert ends_on(made) == str(SAID)


def test_settings_that_no_key_opens_say_nothing(connect: Connect, settings: Settings) -> None:
    made = connect(config={"password": "until 2030-01-02"})
    settings.FIELD_KEYS = ["y" * 43 + "="]
    assert made.known_secret_end is None
    assert ends_on(made) == "2030-01-02"


def test_the_page_says_where_the_day_comes_from() -> None:
    basic = {"url": "https://leads.contoso.example", "auth": "basic", "username": "portal"}
    made = make_destination(config=basic | {"password": "until 2030-01-02"})
    owner, address = Visitor(make_member()), f"/destinations/{made.pk}/"
    assert "Secret ends on 2 Jan 2030 read from the secret" in owner.see(address).text
    edit = owner.see(address + "edit/")
    assert "The secret itself says 2 Jan 2030, which goes before a day of yours." in edit.text
    assert "2030-01-02" not in edit.html
    owner.send(address + "edit/", **basic, name="Sales", password="plain", secret_expires_on="2031-05-06")
    assert "Secret ends on 6 May 2031 as you said" in owner.see(address).text
