"""Leads go one to a request until a backlog is being worked off."""

from __future__ import annotations

import pytest

from connectors import registry
from connectors.dynamics import backlog
from connectors.dynamics.backlog import Backlog
from tests.connectors.dynamics.acting import STORED
from tests.connectors.leads import lead


def test_a_lead_goes_alone_until_many_have_come() -> None:
    found = Backlog()
    assert [found.batch_size(100) for _ in range(6)] == [1, 1, 1, 1, backlog.BATCH, backlog.BATCH]


def test_after_a_pause_a_lead_goes_alone_again(monkeypatch: pytest.MonkeyPatch) -> None:
    found, now = Backlog(), 1_000.0
    monkeypatch.setattr(backlog, "monotonic", lambda: now)
    found.batch_size()
    assert found.batch_size(backlog.LARGE) == backlog.BATCH
    now += backlog.PAUSE / 2
    assert found.batch_size(1) == backlog.BATCH
    now += backlog.PAUSE + 1
    assert found.batch_size(1) == 1


@pytest.mark.usefixtures("server")
def test_a_connector_says_how_many_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlog, "LARGE", 3)
    with registry.connect("dynamics", STORED) as connector:
        sizes = [connector.batch_size]
        for number in range(4):
            connector.deliver([lead(number)])
            sizes.append(connector.batch_size)
    assert sizes == [1, 1, 1, backlog.BATCH, backlog.BATCH]
