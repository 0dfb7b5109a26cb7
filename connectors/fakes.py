"""A server on the loopback that behaves as badly as a test asks it to.

Reach it through ``OUTBOUND_CONNECT_TO``, so that the code under test uses real-looking URLs.
"""

from __future__ import annotations

import json
import socket
import ssl
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, Self, cast


@dataclass(frozen=True, slots=True)
class Recorded:
    """A request as it arrived; header names in lower case, ``connection`` tells one TCP connection from another."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    connection: int

    def json(self) -> Any:
        return json.loads(self.body)


class Line:
    """The open connection that a behaviour writes its answer to, byte by byte if it likes."""

    def __init__(self, handler: _Handler) -> None:
        self._handler = handler
        self.closing = handler.fake.closing

    def write(self, content: bytes) -> None:
        self._handler.wfile.write(content)
        self._handler.wfile.flush()

    def hang_up(self) -> None:
        """Let no further request come over this connection."""
        self._handler.close_connection = True


Behaviour = Callable[[Recorded, Line], None]


class FakeServer:
    """Runs the behaviours in ``queue`` first, then ``always``; keeps what came in ``requests``."""

    def __init__(self, always: Behaviour, tls: ssl.SSLContext | None = None) -> None:
        self.always = always
        self.queue: deque[Behaviour] = deque()
        self.requests: list[Recorded] = []
        self.closing = Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.fake = self
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        if tls:
            bare = self._server.socket
            self._server.socket = tls.wrap_socket(bare, server_side=True, do_handshake_on_connect=False)

    @property
    def connections(self) -> int:
        """Count the TCP connections that brought a request."""
        return len({request.connection for request in self.requests})

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def refusing_port() -> Iterator[int]:
    """Hold a port on which nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


class _Server(ThreadingHTTPServer):
    fake: FakeServer
    request_queue_size = 128  # as real servers have: with Python's five, a crowd of clients is turned away

    def handle_error(self, *_: Any) -> None:
        """Let clients break off, in a handshake too."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30

    @property
    def fake(self) -> FakeServer:
        return cast("_Server", self.server).fake

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Recorded(self.command, self.path, headers, body, self.client_address[1])
        self.fake.requests.append(request)
        behave = self.fake.queue.popleft() if self.fake.queue else self.fake.always
        try:
            behave(request, Line(self))
        except OSError:  # the client has had enough
            self.close_connection = True

    do_GET = do_HEAD = do_PUT = do_PATCH = do_MERGE = do_DELETE = do_POST  # noqa: N815 - http.server looks for these

    def log_message(self, *_: Any) -> None:
        """Keep quiet."""
