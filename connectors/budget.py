"""Sockets whose timeout is one budget for everything that follows.

The standard library grants the timeout anew to each wait, so a server that drips one byte a second is never cut off.
Here ``settimeout(s)`` starts a clock of ``s`` seconds, and each wait gets what is left of it.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from functools import cache
from time import monotonic
from typing import Any, Self, cast

import certifi


class _Budget:
    """Mixed into a socket class: bound all waits together by the last ``settimeout``."""

    _ends_at: float | None = None

    def settimeout(self, seconds: float | None) -> None:
        self._ends_at = None if seconds is None else monotonic() + seconds
        self._wait_for(seconds)

    def gettimeout(self) -> float | None:
        """Return the seconds left, so that the TLS socket made of this one goes on with the same clock."""
        return None if self._ends_at is None else max(self._ends_at - monotonic(), 0.001)

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        return cast("int", self._bounded("recv_into")(*args, **kwargs))

    def send(self, *args: Any, **kwargs: Any) -> int:
        return cast("int", self._bounded("send")(*args, **kwargs))

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        self._bounded("sendall")(*args, **kwargs)

    def _bounded(self, name: str) -> Callable[..., Any]:
        if self._ends_at is not None:
            left = self._ends_at - monotonic()
            if left <= 0:
                raise TimeoutError("timed out")
            self._wait_for(left)
        return cast("Callable[..., Any]", getattr(super(), name))

    def _wait_for(self, seconds: float | None) -> None:
        super().settimeout(seconds)  # type: ignore[misc]


class BudgetSocket(_Budget, socket.socket):
    """A plain socket under a budget."""

    @classmethod
    def connected(cls, address: tuple[str, int], family: int, patience: float, budget: float) -> Self:
        """Connect within ``patience`` seconds; what follows may take what is then left of ``budget`` seconds."""
        ends_at = monotonic() + budget
        connection = cls(family, socket.SOCK_STREAM)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(patience)
        try:
            connection.connect(address)
        except OSError:
            connection.close()
            raise
        connection.settimeout(max(ends_at - monotonic(), 0.001))
        return connection


class BudgetTLSSocket(_Budget, ssl.SSLSocket):
    """A TLS socket under a budget."""


@cache
def tls_context() -> ssl.SSLContext:
    """Return the one client context of the process: loading the authorities costs more than a handshake."""
    context = ssl.create_default_context(cafile=certifi.where())
    context.sslsocket_class = BudgetTLSSocket
    return context
