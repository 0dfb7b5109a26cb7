"""Child processes that end when this one does, whichever way it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from portal.tether import PR_SET_PDEATHSIG, prctl

PROJECT = Path(__file__).resolve().parent.parent
TETHER = Path(__file__).with_name("tether.py")
NOBODY = "nobody"


class StartError(Exception):
    """Something could not be started; the message is a sentence for the person who started it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to run. ``farewell`` asks it to stop; ``death_signal`` is what it gets when this process is killed."""

    name: str
    command: Sequence[str]
    log: Path
    farewell: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGKILL
    user: str = "-"
    patience: float = 8.0
    """Seconds between the farewell and a kill."""
    announces: str = ""
    """What its log says once it is at work."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """What it gets where the environment that it is started with says nothing else."""

    def start(self, environment: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        """Start it in a session of its own, so that Ctrl-C reaches this process alone.

        Call it from a thread that lives as long as the process: the kernel ties a child to the thread that made it.
        """
        tethered = [sys.executable, "-IS", str(TETHER), str(os.getpid()), str(int(self.death_signal)), self.user]
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - programs of our own
                [*tethered, *self.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**self.environment, **(os.environ if environment is None else environment)},
                cwd=PROJECT,
            )

    def at_work(self) -> bool:
        """Tell whether it has announced itself."""
        return not self.announces or (self.log.exists() and self.announces in self.log.read_text(errors="replace"))

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """Ask it to stop, and see to it."""
        process.send_signal(self.farewell)
        self.await_end(process)

    def await_end(self, process: subprocess.Popen[bytes]) -> None:
        """Insist after ``patience`` seconds, and leave none of its children behind."""
        with suppress(subprocess.TimeoutExpired):
            process.wait(self.patience)
        kill_session(process.pid)
        process.wait()


def follow_parent(death_signal: signal.Signals) -> None:
    """Have this process told when the one that started it ends, where the kernel can."""
    if sys.platform == "linux":
        prctl(PR_SET_PDEATHSIG, death_signal)


def kill_session(pid: int) -> None:
    """Kill whatever still runs in the session that ``pid`` began."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


@contextmanager
def running(program: Program, environment: Mapping[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program for the length of a block."""
    process = program.start(environment)
    try:
        yield process
    finally:
        program.stop(process)


def wait_until(
    ready: Callable[[], bool], *, program: Program, process: subprocess.Popen[bytes], seconds: float
) -> None:
    """Wait until ``ready`` holds; StartError, with the end of the log, if the program ends first or time runs out."""
    deadline = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None:
            raise StartError(f"{program.name} ended as soon as it was started. {last_words(program.log)}")
        if time.monotonic() > deadline:
            raise StartError(f"{program.name} did not answer within {seconds:.0f} seconds. {last_words(program.log)}")
        time.sleep(0.01)


def last_words(log: Path, lines: int = 5) -> str:
    """Quote the end of a log."""
    text = log.read_text(errors="replace") if log.exists() else ""
    return "\n".join([f"The end of {log}:", *text.splitlines()[-lines:]])
