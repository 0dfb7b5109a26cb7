"""Keeps programs running: what ends is started again, at growing intervals while it keeps ending."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from portal.processes import Program

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
STEADY = 60.0
"""Seconds a program must run before an end counts as its first again."""


@dataclass(slots=True)
class Charge:
    """A program in our care; without a process while it waits for its next start."""

    program: Program
    environment: Mapping[str, str]
    say: Callable[[str], object]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = FIRST_PAUSE
    due: float = 0.0

    def look(self, now: float) -> None:
        """Start it where it is due, and notice where it has ended."""
        if self.process is None:
            if now >= self.due:
                self.process, self.started = self.program.start(self.environment), now
        elif (code := self.process.poll()) is not None:
            self.program.await_end(self.process)
            self._postpone(code, now)

    def _postpone(self, code: int, now: float) -> None:
        if now - self.started > STEADY:
            self.pause = FIRST_PAUSE
        self.say(f"{self.program.name} ended ({describe(code)}); starting it again. See {self.program.log}")
        self.process, self.due = None, now + self.pause
        self.pause = min(self.pause * 2, LONGEST_PAUSE)


def describe(code: int) -> str:
    """Put an exit code into words."""
    return f"signal {-code}" if code < 0 else f"exit code {code}"


@contextmanager
def supervised(
    programs: Sequence[Program], environment: Mapping[str, str], say: Callable[[str], object]
) -> Iterator[Callable[[], None]]:
    """Run programs for the length of a block, which calls what it is given a few times a second."""
    charges = [Charge(program, environment, say) for program in programs]

    def look() -> None:
        for charge in charges:
            charge.look(time.monotonic())

    try:
        look()
        yield look
    finally:
        stop_together(charges)


def stop_together(charges: Sequence[Charge]) -> None:
    """Say farewell to all before waiting for any."""
    running = [(charge.program, charge.process) for charge in charges if charge.process is not None]
    for program, process in running:
        process.send_signal(program.farewell)
    for program, process in running:
        program.await_end(process)
