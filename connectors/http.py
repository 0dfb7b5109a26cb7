"""The one place that speaks HTTP: every connector and every SDK sends through a session opened here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import local
from time import monotonic
from typing import Any, Self

import requests
from requests.models import PreparedRequest, Response
from requests.structures import CaseInsensitiveDict
from requests.utils import get_encoding_from_headers
from urllib3 import PoolManager
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse
from urllib3.util import Timeout

from connectors.errors import Misconfigured
from connectors.faults import exchanging, preparing
from connectors.pools import guarded_pools
from connectors.urls import fault, host_of, port_of

ANSWER_BYTES = 64 * 1024
"""How much of an answer's body is read where a connector does not say."""

_HEADERS = {
    "User-Agent": "PublisherPortal/1.0",
    "Accept": "*/*",
    "Accept-Encoding": "gzip, deflate",
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
        self.adapters.clear()  # they would connect to anybody
        self.trust_env = False
        self.headers.update(_HEADERS)
        self._deadline = deadline
        self._answer_bytes = answer_bytes
        self._pools: PoolManager = guarded_pools(pool_size)
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
        with exchanging(host_of(url)):
            raw = self._exchange(request, url)
        return _response(request, raw, _read(raw, self._answer_bytes))

    def close(self) -> None:
        self._pools.clear()
        super().close()

    def _exchange(self, request: PreparedRequest, url: str) -> BaseHTTPResponse:
        pool = self._pools.connection_from_host(host_of(url), port_of(url), "https")
        body: Any = request.body
        return pool.urlopen(
            str(request.method),
            request.path_url,
            body=body,
            headers=request.headers,
            chunked=body is not None and "Content-Length" not in request.headers,
            timeout=Timeout(total=self.seconds_left()),
            retries=False,
            redirect=False,
            preload_content=False,
        )


def _refuse(url: str) -> None:
    if rule := fault(url):
        raise Misconfigured(f"The address {rule}", cause="blocked-address", fix="Change the address.")


def _read(raw: BaseHTTPResponse, limit: int) -> bytes:
    content = bytearray()
    try:
        while len(content) <= limit and (chunk := raw.read1(limit, decode_content=True)):
            content += chunk
    except (HTTPError, OSError):
        raw.close()
    if len(content) > limit:
        raw.close()
    return bytes(content[:limit])


def _response(request: PreparedRequest, raw: BaseHTTPResponse, content: bytes) -> Response:
    response = Response()
    response.status_code = raw.status
    response.reason = raw.reason or ""
    response.headers = CaseInsensitiveDict(raw.headers)
    response.encoding = get_encoding_from_headers(response.headers)
    response.url = request.url or ""
    response.request = request
    response.raw = raw
    vars(response).update(_content=content, _content_consumed=True)
    return response
