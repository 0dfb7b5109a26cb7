"""A receiver in a process of its own, for more leads than one in the tests' own process could take in good time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from portal import fleet
from portal.ports import free_port
from portal.processes import Program, running, wait_until


class Receiver:
    """Keeps how often each lead has ``landed``, as far as it was asked."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.landed: Counter[str] = Counter()

    def ask(self) -> None:
        """Take over what has come since the last time."""
        self.landed.update(lead_id for lead_id, _ in requests.get(self.url, timeout=30).json())


@contextmanager
def receiver(logs: Path) -> Iterator[Receiver]:
    """Run a receiver that answers 200 at once."""
    port = free_port()
    command = fleet.python("tests.bench.receiver", str(port))
    program = Program(name="receiver", command=command, log=logs / "receiver.log", announces="ready.")
    with running(program) as process:
        wait_until(program.at_work, program=program, process=process, seconds=10)
        yield Receiver(f"http://127.0.0.1:{port}")
