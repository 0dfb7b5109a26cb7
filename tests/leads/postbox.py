"""A mail server on loopback: it takes mail, puts off, refuses, hangs up or hangs, as a test tells it to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Event, Lock, Thread

HANG = "hang"
HANG_UP = "hang up"
USUAL = {"EHLO": "250 postbox", "DATA": "354 go ahead", "QUIT": "221 bye", ".": "250 taken"}

Reply = Callable[[str], str]


@dataclass(frozen=True)
class Mail:
    """One mail as it came over the wire."""

    recipient: str
    data: bytes

    @property
    def message(self) -> EmailMessage:
        parsed = message_from_bytes(self.data, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def text(self) -> str:
        body = self.message.get_content()
        assert isinstance(body, str)
        return body.replace("\r\n", "\n")


@dataclass
class Postbox:
    """What has been taken, and ``replies`` to commands that are not the usual ones; "." is the end of a mail."""

    port: int
    taken: list[Mail] = field(default_factory=list)
    connections: int = 0
    replies: dict[str, Reply] = field(default_factory=dict)
    released: Event = field(default_factory=Event)
    lock: Lock = field(default_factory=Lock)

    def always(self, command: str, reply: str) -> None:
        self.replies[command] = lambda _line: reply

    def once(self, command: str, reply: str) -> None:
        replies = iter([reply])
        self.replies[command] = lambda _line: next(replies, USUAL.get(command, "250 ok"))

    def recipients(self) -> list[str]:
        return sorted(mail.recipient for mail in self.taken)


@contextmanager
def postbox() -> Iterator[Postbox]:
    with _Server(("127.0.0.1", 0), _Session) as server:
        server.box = Postbox(server.server_address[1])
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.box
        finally:
            server.box.released.set()
            server.shutdown()
            thread.join()


class _Server(ThreadingTCPServer):
    daemon_threads = True
    box: Postbox


class _Session(StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        with self.server.box.lock:
            self.server.box.connections += 1
        recipient = ""
        if not self._answer("CONNECT", "", "220 postbox"):
            return
        while line := self.rfile.readline().decode().strip():
            command = line.partition(" ")[0].upper()
            if command == "RCPT":
                recipient = line.partition("<")[2].partition(">")[0]
            if not self._answer(command, line, USUAL.get(command, "250 ok")) or command == "QUIT":
                return
            if command == "DATA" and not self._take(recipient):
                return

    def _take(self, recipient: str) -> bool:
        data = b"".join(iter(self.rfile.readline, b".\r\n"))
        reply = self._reply(".", recipient, USUAL["."])
        if reply.startswith("2") or reply == HANG_UP:
            with self.server.box.lock:
                self.server.box.taken.append(Mail(recipient, data))
        return self._say(reply)

    def _answer(self, command: str, line: str, usual: str) -> bool:
        return self._say(self._reply(command, line, usual))

    def _reply(self, command: str, line: str, usual: str) -> str:
        reply = self.server.box.replies.get(command)
        return reply(line) if reply else usual

    def _say(self, reply: str) -> bool:
        if reply == HANG:
            self.server.box.released.wait()
        if reply in {HANG, HANG_UP}:
            return False
        self.wfile.write(f"{reply}\r\n".encode())
        return True
