"""A broker and a database of a test's own, to be frozen, stopped and started again."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from django.core.management import call_command
from django.db import connections

from portal import broker, database, embedded


class Service:
    """Runs in a folder of its own; ``stop`` and ``start`` keep its address."""

    name = ""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sockets = embedded.private(Path(tempfile.mkdtemp(prefix="portal-faults-")))
        self._running: AbstractContextManager[None] | None = None

    def run(self) -> AbstractContextManager[None]:
        raise NotImplementedError

    def start(self) -> None:
        self._running = self.run()
        self._running.__enter__()

    def stop(self) -> None:
        if self._running:
            self._running.__exit__(None, None, None)
        self._running = None


class Broker(Service):
    @property
    def url(self) -> str:
        return broker.url(self.sockets)

    def run(self) -> AbstractContextManager[None]:
        return broker.run(self.sockets, self.folder)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Have it take connections and say nothing."""
        pid = int((self.sockets / "redis.pid").read_text())
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)


class Database(Service):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.place = embedded.private(folder / "postgres")

    @property
    def url(self) -> str:
        return database.url(self.sockets)

    def run(self) -> AbstractContextManager[None]:
        return database.run(self.place, self.sockets, self.folder, durable=True)

    def crash(self) -> None:
        """End it on the spot: what it had not written to its log is gone, and the next start is a recovery."""
        pid = int((self.place / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGQUIT)
        self.stop()

    @contextmanager
    def used_here(self) -> Iterator[None]:
        """Have this thread's models live in it, its tables made."""
        here = connections["default"]
        there = here.copy()
        there.settings_dict |= {"NAME": database.NAME, "HOST": str(self.sockets), "USER": database.USER, "OPTIONS": {}}
        connections["default"] = there
        try:
            call_command("migrate", verbosity=0)
            yield
        finally:
            there.close()
            connections["default"] = here
