"""The one place that speaks HTTP: every connector and every SDK sends through a session opened here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import local
from time import monotonic
from typing import Any, Self

import requests
from requests.adapters import HTTPAdapter
from requests.models import PreparedRequest, Response
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool
from urllib3.exceptions import HTTPError
from urllib3.poolmanager import PoolManager
from urllib3.util import Timeout

from connectors.budget import BudgetSocket, tls_context
from connectors.connect_to import detour
from connectors.dial import dial, dial_detour
from connectors.errors import Misconfigured
from connectors.faults import exchanging, opening, preparing
from connectors.urls import fault, host_of

ANSWER_BYTES = 64 * 1024
"""How much of an answer's body is read where a connector does not say."""

_HEADERS = {
    "User-Agent": "PublisherPortal/1.0",
    "Accept": "*/*",
    "Accept-Encoding": "gzip, deflate",
    "Connection": "keep-alive",
}


def open_session(*, deadline: float, pool_size: int, answer_bytes: int = ANSWER_BYTES) -> GuardedSession:
    """Open a session for one destination, to be closed after use.

    ``deadline`` is in wall-clock seconds from the first byte looked up to the last one read; ``pool_size`` connections
    are kept alive; of an answer's body at most ``answer_bytes`` are read, the rest is dropped.
    """
    return GuardedSession(deadline, pool_size, answer_bytes)


class GuardedSession(requests.Session):
    """A session for addresses that strangers typed in. It raises :class:`~connectors.errors.DeliveryError` only.

    Whatever a caller asks for: https to public addresses only, certificates verified, no redirect, no proxy, no cookie,
    nothing from the environment. ``content`` is as much of the body as came within the deadline and the byte limit.
    Safe to share between threads.
    """

    def __init__(self, deadline: float, pool_size: int, answer_bytes: int) -> None:
        super().__init__()
        self.trust_env = False
        self.headers.update(_HEADERS)
        self._deadline = deadline
        self._answer_bytes = answer_bytes
        self._adapter = _Adapter(pool_maxsize=pool_size)
        self._clock = local()

    def __enter__(self) -> Self:
        return self

    @contextmanager
    def budget(self) -> Iterator[None]:
        """Put all that this thread sends inside under one deadline together, such as a sign-in and what follows it."""
        outer = getattr(self._clock, "ends_at", None)
        self._clock.ends_at = outer or monotonic() + self._deadline
        try:
            yield
        finally:
            self._clock.ends_at = outer

    def seconds_left(self) -> float:
        """Return what an exchange that begins now may take."""
        ends_at = getattr(self._clock, "ends_at", None)
        return self._deadline if ends_at is None else max(ends_at - monotonic(), 0.001)

    def prepare_request(self, request: requests.Request) -> PreparedRequest:
        _refuse(str(request.url))
        with preparing():
            return super().prepare_request(request)

    def send(self, request: PreparedRequest, **_: Any) -> Response:
        url = request.url or ""
        _refuse(url)
        timeout: Any = Timeout(total=self.seconds_left())
        with exchanging(host_of(url)):
            response = self._adapter.send(request, stream=True, timeout=timeout)
        vars(response).update(_content=_read(response, self._answer_bytes), _content_consumed=True)
        return response

    def close(self) -> None:
        self._adapter.close()
        super().close()


def _refuse(url: str) -> None:
    if rule := fault(url):
        raise Misconfigured(f"The address {rule}", cause="blocked-address", fix="Change the address.")


def _read(response: Response, limit: int) -> bytes:
    content = b""
    try:
        while len(content) <= limit and (chunk := response.raw.read1(limit, decode_content=True)):
            content += chunk
    except (HTTPError, OSError):
        response.raw.close()
    if len(content) > limit:
        response.raw.close()
    return content[:limit]


class _Connection(HTTPSConnection):
    """Connects to addresses that were checked; certificate, SNI and ``Host`` stay those of the name."""

    def connect(self) -> None:
        if replaced_by := detour(self.host):
            self.sock = dial_detour(self.host, replaced_by, self._seconds())
            self.is_verified = True  # the sandbox's own address: there is nobody else to be told from
            return
        with opening(self.host):
            super().connect()

    def _new_conn(self) -> BudgetSocket:
        return dial(self.host, self.port, self._seconds())

    def _seconds(self) -> float:
        return float(self.timeout or 0.001)


class _Pool(HTTPSConnectionPool):
    ConnectionCls = _Connection


class _Adapter(HTTPAdapter):
    """Pools of guarded connections for https, and for nothing else."""

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **_: Any) -> None:  # noqa: FBT001, FBT002
        self.poolmanager = PoolManager(connections, maxsize=maxsize, block=block, ssl_context=tls_context())
        self.poolmanager.pool_classes_by_scheme = {"https": _Pool}

    def cert_verify(self, *_: Any) -> None:
        """Leave verification to the pool's TLS context: no caller can switch it off."""
