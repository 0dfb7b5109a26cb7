"""What every settings form does, whatever it asks for."""

from __future__ import annotations

import pytest

from connectors.forms import ConnectorForm, TextField


class DomainForm(ConnectorForm):
    secrets = frozenset({"key", "password"})
    binds_secrets = frozenset({"domain"})
    only_for = {"mode": {"long": ("password",)}}

    mode = TextField(label="Mode")
    domain = TextField(label="My Domain", required=False)
    note = TextField(label="Note", required=False)
    key = TextField(label="Application key", required=False)
    password = TextField(label="Password")


STORED = {"mode": "long", "domain": "contoso", "note": "", "key": "k", "password": "p"}


def faults(**changed: str) -> dict[str, list[str]]:
    form = DomainForm(data=STORED | {"key": "", "password": ""} | changed, stored=STORED)
    return {name: [str(fault) for fault in found] for name, found in form.errors.items()}


def test_every_secret_in_use_is_asked_for_again_where_a_field_that_names_the_host_changes() -> None:
    assert faults(domain="evil") == {
        "key": ["Enter the application key again: the My Domain changed."],
        "password": ["Enter the password again: the My Domain changed."],
    }
    assert faults(domain="evil", mode="short").keys() == {"key"}
    assert faults(domain="").keys() == {"key", "password"}
    assert faults(domain="evil", key="new", password="new") == {}


@pytest.mark.parametrize("changed", [{}, {"note": "another"}, {"domain": " Contoso "}])
def test_nothing_is_asked_for_where_the_host_stays(changed: dict[str, str]) -> None:
    assert faults(**changed) == {}


def test_a_new_form_asks_for_nothing_twice() -> None:
    assert DomainForm(data=STORED).is_valid()
