"""The rungs that every destination has, against a real certificate."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from connectors import ladder
from connectors.behaviours import answer
from connectors.errors import Misconfigured, Unavailable
from connectors.fakes import FakeServer
from tests.connectors.conftest import ADDRESS, HOST, Network, certificate, showing

URL = f"https://{HOST}/marketplace"


def test_addresses_are_named(network: Network) -> None:
    network.names[HOST] = [ADDRESS, "2606:4700::1", ADDRESS]
    assert ladder.find_address(URL) == f"{HOST} is {ADDRESS} and 2606:4700::1."


def test_private_address_fails_with_a_fix(network: Network) -> None:
    network.names[HOST] = ["10.0.0.1"]
    [check] = ladder.climb(("Address found", lambda: ladder.find_address(URL)), ("Never reached", lambda: ""))
    assert (check.passed, check.sentence) == (
        False,
        f"{HOST} has an address that is not public, so the portal does not connect to it.",
    )
    assert check.fix
    assert check.seconds is not None


def test_tls_version_and_days_left(tls_server: FakeServer) -> None:
    assert ladder.secure_connection(URL) == "TLSv1.3; the certificate is valid for 60 more days."
    assert tls_server.requests == []


def test_certificate_near_its_end(network: Network, trust: Callable[[Path], None], tmp_path: Path) -> None:
    path = certificate(tmp_path, HOST, 3)
    trust(path)
    with FakeServer(answer(), tls=showing(path)) as server:
        network.port = server.port
        assert ladder.secure_connection(URL).endswith("valid for 3 more days. Renew it now.")


def test_wrong_certificate(network: Network, tmp_path: Path) -> None:
    with FakeServer(answer(), tls=showing(certificate(tmp_path, HOST, 60))) as server:
        network.port = server.port
        with pytest.raises(Misconfigured) as caught:
            ladder.secure_connection(URL)
    assert caught.value.sentence == f"The certificate of {HOST} is self-signed."


def test_nobody_there(network: Network) -> None:
    network.port = 1
    with pytest.raises(Unavailable):
        ladder.secure_connection(URL)


def test_sandbox_says_that_it_stands_in(server: FakeServer) -> None:
    assert ladder.find_address(URL) == f"The sandbox answers in place of {HOST}, so its address is not looked up."
    assert ladder.secure_connection(URL).startswith(f"The sandbox answers in place of {HOST} in clear text")
