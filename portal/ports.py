"""Ports on loopback."""

from __future__ import annotations

import socket
from contextlib import suppress
from pathlib import Path

from portal.processes import StartError


def demand_free(port: int) -> None:
    """Refuse a port that somebody else serves; StartError names another."""
    if not is_free(port):
        raise StartError(f"Port {port} is taken. Choose another, such as: make run PORT={port + 1}")


def kept_port(path: Path) -> int:
    """Use the port of last time where it is still free, so that addresses live on; otherwise any free one."""
    with suppress(OSError, ValueError):
        if is_free(port := int(path.read_text())):
            return port
    port = free_port()
    path.write_text(str(port))
    return port


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
