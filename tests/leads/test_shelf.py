from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from connectors import registry
from leads import destinations, shelf
from leads.models import Destination

pytestmark = pytest.mark.django_db

Connect = Callable[..., Destination]


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect what is opened and closed."""
    seen: list[str] = []
    connect = registry.connect

    @contextmanager
    def watched(*args: Any) -> Iterator[Any]:
        with connect(*args) as connector:
            seen.append("open")
            yield connector
        seen.append("close")

    monkeypatch.setattr(registry, "connect", watched)
    monkeypatch.setattr(shelf, "_shelf", {})
    return seen


def borrow(destination: Destination) -> object:
    with shelf.connector(destination) as lent:
        return lent


def test_a_connector_is_lent_again_a_moment_later(connect: Connect, events: list[str]) -> None:
    destination = connect()
    assert borrow(destination) is borrow(destination)
    assert events == ["open"]


def test_a_connector_is_lent_to_one_at_a_time(connect: Connect, events: list[str]) -> None:
    destination = connect()
    with shelf.connector(destination) as first, shelf.connector(destination) as second:
        assert first is not second
    assert events == ["open", "open", "close"], "one is kept"


def test_other_settings_have_a_connector_of_their_own(connect: Connect, events: list[str]) -> None:
    destination = connect()
    first = borrow(destination)
    destinations.change(destination, config=destination.config | {"password": "new"})
    assert borrow(destination) is not first


def test_what_was_kept_too_long_is_closed(connect: Connect, events: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "KEPT", -1.0)
    destination = connect()
    assert borrow(destination) is not borrow(destination)
    assert events == ["open", "close", "open"]


def test_what_others_left_is_closed_too(connect: Connect, events: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "KEPT", -1.0)
    borrow(connect("One"))
    borrow(connect("Two"))
    assert events.count("close") == 1


def test_after_a_crash_it_is_not_lent_again(connect: Connect, events: list[str]) -> None:
    destination = connect()
    with pytest.raises(ZeroDivisionError), shelf.connector(destination):
        _ = 1 / 0
    borrow(destination)
    assert events.count("open") == 2


def test_only_so_many_are_kept(connect: Connect, events: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "MOST", 1)
    one, two = connect("One"), connect("Two")
    borrow(one)
    borrow(two)
    assert events == ["open", "open", "close"]
