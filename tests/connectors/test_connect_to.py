"""Sending connections elsewhere, in a sandbox and nowhere else."""

from __future__ import annotations

import pytest
from django.core.checks import run_checks
from pytest_django.fixtures import Settings

from connectors.connect_to import Detour, detour
from connectors.errors import Misconfigured
from connectors.fakes import FakeServer
from connectors.http import GuardedSession
from tests.connectors.conftest import Network


def errors() -> list[str | None]:
    return [message.id for message in run_checks(tags=["connectors"])]


def test_url_and_host_stay_the_vendors(server: FakeServer, session: GuardedSession) -> None:
    session.get("https://login.contoso.example/token?a=1")
    session.get("https://login.contoso.example:8443/")
    session.get("https://[2606:4700:4700::1111]/")
    assert [(request.headers["host"], request.path) for request in server.requests] == [
        ("login.contoso.example", "/token?a=1"),
        ("login.contoso.example:8443", "/"),
        ("[2606:4700:4700::1111]", "/"),
    ]


def test_first_match_wins_and_others_go_where_they_would(settings: Settings) -> None:
    settings.SANDBOX = True
    settings.OUTBOUND_CONNECT_TO = "login.Contoso.example=http://127.0.0.1:1, *.contoso.example=http://sandbox:2/,"
    assert detour("login.contoso.example") == Detour("login.contoso.example", "127.0.0.1", 1)
    assert detour("a.b.contoso.example") == Detour("*.contoso.example", "sandbox", 2)
    assert detour("contoso.example") is None
    assert errors() == []


def test_refused_outside_a_sandbox(settings: Settings, network: Network, session: GuardedSession) -> None:
    settings.SANDBOX = False
    settings.OUTBOUND_CONNECT_TO = "*=http://127.0.0.1:1"
    network.names["leads.contoso.example"] = ["10.0.0.1"]
    assert errors() == ["connectors.E001"]
    with pytest.raises(Misconfigured):
        session.get("https://leads.contoso.example")


@pytest.mark.parametrize(
    "entry", ["leads.example", "a=https://b:1", "a=http://b", "a=http://b:1/path", "=http://b:1", "x y=http://b:1"]
)
def test_entry_that_cannot_be_read(entry: str, settings: Settings) -> None:
    settings.SANDBOX = True
    settings.OUTBOUND_CONNECT_TO = f"ok.example=http://127.0.0.1:1,{entry}"
    assert errors() == ["connectors.E002"]


def test_unset_is_fine(settings: Settings) -> None:
    settings.SANDBOX = False
    settings.OUTBOUND_CONNECT_TO = ""
    assert errors() == []
