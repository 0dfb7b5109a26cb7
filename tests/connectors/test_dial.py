"""The last step before the wire."""

from __future__ import annotations

import socket
from time import monotonic, sleep

import pytest

from connectors import dial
from connectors.budget import BudgetSocket
from connectors.connect_to import Detour
from connectors.errors import Misconfigured, Unavailable
from tests.connectors.conftest import ADDRESS, HOST, Network


@pytest.mark.parametrize("port", [22, 80, 6379, 9200])
def test_other_ports_are_never_dialled(port: int, network: Network) -> None:
    with pytest.raises(Misconfigured):
        dial.dial(HOST, port, 1)
    assert network.looked_up == network.dialled == []


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (ConnectionRefusedError(), "refused"),
        (TimeoutError(), "connect-timeout"),
        (OSError(113, "No route to host"), "unreachable"),
    ],
)
def test_why_nobody_answers(error: OSError, cause: str, network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> BudgetSocket:
        raise error

    monkeypatch.setattr(BudgetSocket, "connected", fail)
    with pytest.raises(Unavailable) as outside:
        dial.dial(HOST, 443, 1)
    with pytest.raises(Unavailable) as sandbox:
        dial.dial_detour(HOST, Detour("*", "127.0.0.1", 1), 1)
    assert outside.value.cause == sandbox.value.cause == cause
    assert outside.value.sentence.startswith(HOST)


def test_every_address_gets_its_share_of_the_time(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[float] = []

    def fail(_: object, __: int, patience: float, budget: float) -> BudgetSocket:
        given.extend((patience, budget))
        raise TimeoutError

    monkeypatch.setattr(BudgetSocket, "connected", fail)
    network.names[HOST] = [ADDRESS, "20.50.2.2", "20.50.2.3"]
    with pytest.raises(Unavailable):
        dial.dial(HOST, 443, 3)
    assert given == pytest.approx([1, 3, 1.5, 3, 3, 3], rel=0.05)


def test_budget_is_shared_by_all_that_follows() -> None:
    began = monotonic()
    with socket.create_server(("127.0.0.1", 0)) as server:
        connection = BudgetSocket.connected(server.getsockname(), socket.AF_INET, 1, 1.5)
        with connection, server.accept()[0] as other:
            for _ in range(2):
                sleep(0.4)
                other.sendall(b"x")
                assert connection.recv_into(bytearray(1)) == 1
            with pytest.raises(TimeoutError):
                connection.recv_into(bytearray(1))
            assert monotonic() - began < 2.1
            other.sendall(b"x")
            with pytest.raises(TimeoutError):
                connection.recv_into(bytearray(1))


def test_no_budget_is_no_limit() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        connection = BudgetSocket.connected(server.getsockname(), socket.AF_INET, 1, 1)
        with connection, server.accept()[0] as other:
            connection.settimeout(None)
            connection.sendall(b"x")
            assert (connection.gettimeout(), other.recv(1)) == (None, b"x")
