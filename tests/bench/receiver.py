"""A receiver that answers 200 at once, and tells which ids came and when. ``GET /`` answers and forgets them."""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time

ID = re.compile(rb"^webhook-id: *(\S+)", re.IGNORECASE | re.MULTILINE)
LENGTH = re.compile(rb"^content-length: *(\d+)", re.IGNORECASE | re.MULTILINE)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: application/json\r\n\r\n{}"
arrivals: list[tuple[str, float]] = []


class Receiver(asyncio.Protocol):
    transport: asyncio.Transport
    pending = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.pending += data
        while (end := self.pending.find(b"\r\n\r\n")) >= 0:
            head = self.pending[:end]
            length = LENGTH.search(head)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(self.pending) < whole:
                return
            self.pending = self.pending[whole:]
            self.answer(head)

    def answer(self, head: bytes) -> None:
        if head.startswith(b"GET"):
            body = json.dumps(arrivals).encode()
            arrivals.clear()
            self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
            return
        found = ID.search(head)
        arrivals.append((found[1].decode() if found else "", time.monotonic()))
        self.transport.write(OK)


async def main(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Receiver, "127.0.0.1", port)
    print("ready.", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
