from __future__ import annotations

import inspect
from importlib import import_module

import pytest

from connectors import registry
from connectors.testing import ConnectorContract


@pytest.mark.parametrize("slug", registry.all_connectors())
def test_every_connector_is_held_to_the_contract(slug: str) -> None:
    module = import_module(f"tests.connectors.{slug}.test_contract")
    held = [value.slug for _, value in inspect.getmembers(module, inspect.isclass) if _is_contract(value)]
    assert slug in held


def test_choices_name_every_folder_once_by_label() -> None:
    choices = registry.choices()
    assert [slug for slug, _ in choices] == list(registry.all_connectors())
    assert [label for _, label in choices] == sorted({label for _, label in choices})


def test_unknown_slug_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        registry.get("carrier_pigeon")


def test_connect_loads_what_is_stored_and_closes_the_session() -> None:
    stored = {"url": "https://leads.contoso.example", "setting_of_an_older_version": "x"}
    with registry.connect("https_endpoint", stored, {"Campaign": "7"}) as connector:
        assert connector.config.url == "https://leads.contoso.example"
        assert connector.mapping == {"Campaign": "7"}
        assert connector.session.seconds_left() == connector.deadline


def _is_contract(value: type) -> bool:
    return issubclass(value, ConnectorContract) and value is not ConnectorContract
