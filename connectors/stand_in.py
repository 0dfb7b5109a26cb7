"""A small HTTP server around one function: the frame of every stand-in for a vendor's system."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

LARGEST_BODY = 5_000_000
"""Bytes of a request; a larger one is answered 413."""

_CONTENT_SECURITY_POLICY = "default-src 'none'; style-src 'self'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request; header names are in lower case."""

    method: str
    host: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer."""

    status: int = 200
    body: bytes | str = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


Respond = Callable[[Call], Reply]


def serve(port: int, respond: Respond) -> None:
    """Serve on the loopback until the process ends."""
    with create_server(port, respond) as server, suppress(KeyboardInterrupt):
        server.serve_forever()


def create_server(port: int, respond: Respond) -> ThreadingHTTPServer:
    """Open the port without serving yet; port 0 takes any that is free."""
    handler = type("Handler", (_Handler,), {"respond": staticmethod(respond)})
    return ThreadingHTTPServer(("127.0.0.1", port), handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    timeout = 60
    respond: Respond

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        if length > LARGEST_BODY:
            self.close_connection = True
            self._send(Reply(413))
            return
        self._send(self.respond(self._call(self.rfile.read(length))))

    do_GET = do_HEAD = do_PUT = do_PATCH = do_MERGE = do_DELETE = do_POST  # noqa: N815 - http.server looks for these

    def _call(self, body: bytes) -> Call:
        target = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        host = headers.get("host", "").partition(":")[0].lower()
        return Call(method=self.command, host=host, path=target.path, query=target.query, headers=headers, body=body)

    def _send(self, reply: Reply) -> None:
        body = reply.body.encode() if isinstance(reply.body, str) else reply.body
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", _CONTENT_SECURITY_POLICY)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Keep quiet: the page shows what came."""
