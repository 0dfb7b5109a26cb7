"""The storage account of the demo, whoever plays it."""

from __future__ import annotations

import pytest
import requests

from connectors import registry, sandbox
from connectors.azure_table import azurite
from connectors.azure_table import sandbox as table_sandbox
from connectors.azure_table.azurite import Azurite
from connectors.azure_table.forms import AzureTableForm
from connectors.azure_table.sandbox import Account
from connectors.base import Receipt
from connectors.samples import sample_lead
from connectors.stand_in import Call
from tests.connectors.azure_table.conftest import lead


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> Account:
    account = Account()
    monkeypatch.setattr(table_sandbox, "_account", account)
    return account


def settings_of_the_demo() -> dict[str, object]:
    form = AzureTableForm(data=dict(sandbox.demos()["azure_table"]))
    assert form.is_valid(), form.errors
    return form.config()


@pytest.mark.parametrize("player", ["fake", "azurite"])
def test_takes_leads_and_shows_them(
    player: str, sandbox_url: str, played: Account, request: pytest.FixtureRequest
) -> None:
    if player == "azurite":
        played.player = request.getfixturevalue("azurite_server")
    company = "<b>Contoso</b>"
    with registry.connect("azure_table", settings_of_the_demo()) as connector:
        results = connector.deliver([lead(number, company=company) for number in range(3)])
        checks = list(connector.checks())
        [test] = connector.deliver([sample_lead()])
        assert isinstance(test, Receipt)
        connector.remove(test)
    assert [type(result) for result in results] == [Receipt] * 3
    assert all(check.passed for check in checks)
    shown = requests.get(f"{sandbox_url}/azure_table/received.json", timeout=5).json()
    assert [row["RowKey"] for row in shown] == [lead(number).id for number in (2, 1, 0)]
    page = requests.get(f"{sandbox_url}/azure_table/", timeout=5)
    assert {"fake": "played by a small fake of our own", "azurite": "played by Azurite"}[player] in page.text
    assert "&lt;b&gt;Contoso&lt;/b&gt;" in page.text
    style = requests.get(f"{sandbox_url}/azure_table/sandbox.css", timeout=5)
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert style.headers["Content-Type"].startswith("text/css")


def test_shows_nothing_of_a_transaction_that_was_taken_back(sandbox_url: str, played: Account) -> None:
    with registry.connect("azure_table", settings_of_the_demo()) as connector:
        assert all(check.passed for check in connector.checks())
    assert played.rows == {}


def test_forgets_the_oldest(played: Account) -> None:
    for number in range(table_sandbox.KEPT + 5):
        played._note(Call(method="PUT", host="", path=f"/{number}", body=b"{}"))  # noqa: SLF001
    assert next(iter(played.rows)) == "/5"
    assert len(played.rows) == table_sandbox.KEPT


def test_is_played_by_azurite_where_that_is_installed(azurite_server: Azurite, played: Account) -> None:
    with sandbox.started():
        assert isinstance(played.player, Azurite)
        played.player.await_ready()


def test_is_played_by_the_fake_elsewhere(played: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(azurite, "node", lambda: None)
    with sandbox.started():
        assert played.name == "a small fake of our own"


def test_is_played_by_the_fake_where_azurite_does_not_start(
    sandbox_url: str, played: Account, monkeypatch: pytest.MonkeyPatch, azurite_server: Azurite
) -> None:
    monkeypatch.setattr(azurite, "PROGRAM", azurite.HOME / "no-such-program.js")
    with azurite.run("contosoleads", table_sandbox.KEY) as broken:
        played.player = broken
        with registry.connect("azure_table", settings_of_the_demo()) as connector:
            [result] = connector.deliver([lead()])
    assert isinstance(result, Receipt)
    assert played.name == "a small fake of our own"
