"""Pools of connections that lead to public addresses only, kept alive from one request to the next."""

from __future__ import annotations

from typing import Any

from urllib3 import PoolManager
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool

from connectors.budget import BudgetSocket, tls_context
from connectors.connect_to import detour
from connectors.dial import dial, dial_detour
from connectors.faults import opening


def guarded_pools(size: int) -> PoolManager:
    """Make the pools of one session, ``size`` connections for each host; for https, and for nothing else."""
    pools = PoolManager(maxsize=size, ssl_context=tls_context())
    pools.pool_classes_by_scheme = {"https": _Pool}
    return pools


class _Connection(HTTPSConnection):
    """Connects to addresses that were checked; certificate, SNI and ``Host`` stay those of the name."""

    _held: list[bytes] | None = None

    def connect(self) -> None:
        if replaced_by := detour(self.host):
            self.sock = dial_detour(self.host, replaced_by, self._seconds())
            self.is_verified = True  # the sandbox's own address: there is nobody else to be told from
            return
        with opening(self.host):
            super().connect()

    def request(self, *args: Any, **kwargs: Any) -> None:
        """Send head and body as one: as two they would be two calls here and wake the target twice."""
        self._held = []
        try:
            super().request(*args, **kwargs)
            whole = b"".join(self._held)
        finally:
            self._held = None
        self.send(whole)

    def send(self, data: Any) -> None:
        if self._held is None:
            super().send(data)
        else:
            self._held.append(data)

    def _new_conn(self) -> BudgetSocket:
        return dial(self.host, self.port, self._seconds())

    def _seconds(self) -> float:
        return float(self.timeout or 0.001)


class _Pool(HTTPSConnectionPool):
    ConnectionCls = _Connection
