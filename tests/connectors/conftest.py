"""Servers on the loopback, plain and with TLS."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pytest_django.fixtures import Settings

from connectors import addresses, sandbox
from connectors.behaviours import answer
from connectors.budget import BudgetSocket, tls_context
from connectors.fakes import FakeServer
from connectors.http import GuardedSession, open_session
from connectors.stand_in import create_server

pytest.register_assert_rewrite("connectors.testing")

HOST = "leads.contoso.example"
ADDRESS = "20.50.2.1"


@pytest.fixture
def server(settings: Settings) -> Iterator[FakeServer]:
    """Answer for every host, over ``OUTBOUND_CONNECT_TO``."""
    with FakeServer(answer(200, {"id": "7"})) as server:
        settings.SANDBOX = True
        settings.OUTBOUND_CONNECT_TO = f"*={server.url}"
        yield server


@pytest.fixture
def sandbox_url(settings: Settings) -> Iterator[str]:
    """Run the sandbox, lead every host to it, and return the address under which a browser sees it."""
    with create_server(0, sandbox.respond) as running:
        thread = Thread(target=running.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        settings.SANDBOX = True
        settings.OUTBOUND_CONNECT_TO = sandbox.connect_to(running.server_port)
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


@pytest.fixture
def session() -> Iterator[GuardedSession]:
    with open_session(deadline=1.0, pool_size=4, answer_bytes=1_000) as session:
        yield session


class Network:
    """The names and addresses of a make-believe internet; every address leads to one port of the loopback.

    The resolver and the last step of connecting are replaced; what the portal does between them is not.
    """

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.names: dict[str, list[str]] = {HOST: [ADDRESS]}
        self.ports: dict[str, int] = {}
        self.port = 0
        self.looked_up: list[str] = []
        self.dialled: list[str] = []
        self._connected = BudgetSocket.connected
        patch.setattr(addresses, "look_up", self._look_up)
        patch.setattr(BudgetSocket, "connected", self._connect)

    def _look_up(self, host: str) -> list[addresses.IPAddress]:
        self.looked_up.append(host)
        return [ip_address(address) for address in self.names[host]]

    def _connect(self, address: tuple[str, int], _: int, patience: float, budget: float) -> BudgetSocket:
        self.dialled.append(address[0])
        loopback = ("127.0.0.1", self.ports.get(address[0], self.port))
        return self._connected(loopback, socket.AF_INET, patience, budget)


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    return Network(monkeypatch)


@pytest.fixture
def trust() -> Iterator[Callable[[Path], None]]:
    """Make the given certificate an authority, until the test ends."""
    yield lambda path: tls_context().load_verify_locations(path)
    tls_context.cache_clear()


@pytest.fixture
def tls_server(network: Network, tmp_path: Path, trust: Callable[[Path], None]) -> Iterator[FakeServer]:
    """Be ``HOST`` on the make-believe internet, with a certificate that is trusted."""
    path = certificate(tmp_path, HOST, 60)
    trust(path)
    with FakeServer(answer(200, {"id": "7"}), tls=showing(path)) as server:
        network.port = server.port
        yield server


def certificate(folder: Path, name: str, days: int) -> Path:
    """Write a self-signed certificate and its key into one file; ``days`` from now it expires."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + timedelta(days=days, hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    encoding, none = serialization.Encoding.PEM, serialization.NoEncryption()
    path = folder / f"{name}{days}.pem"
    path.write_bytes(
        key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, none) + built.public_bytes(encoding)
    )
    return path


def showing(certificate: Path) -> ssl.SSLContext:
    """Return the context of a server that shows this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context
