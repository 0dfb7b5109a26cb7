"""A portal apart from the test run's, for tests of how the portal is started and how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from django.conf import settings

from portal.predecessors import command_line

TEST_RUN = {
    *("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "FIELD_KEYS"),
    *("PORTAL_TEST_RUN", "DJANGO_SETTINGS_MODULE", "SANDBOX", "HTTPS_ONLY", "OUTBOUND_CONNECT_TO", "BASE_URL"),
}


def own_environment(folder: Path) -> dict[str, str]:
    """Give the environment of somebody who starts the portal for the first time, in a folder."""
    kept = {name: value for name, value in os.environ.items() if name not in TEST_RUN}
    return kept | {"PORTAL_VAR": str(folder)}


class Started:
    """A command that was started, its words, and its family: the processes below it."""

    def __init__(self, arguments: list[str], folder: Path) -> None:
        self.output = folder.with_name("output")
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=settings.BASE_DIR,
                env=own_environment(folder),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def words(self) -> str:
        return self.output.read_text()

    def await_words(self, words: str, *, seconds: float = 60) -> None:
        assert eventually(lambda: words in self.words or self.process.poll() is not None, seconds), self.words
        assert words in self.words, self.words

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def members(self, mark: str) -> list[psutil.Process]:
        return [process for process in self.family() if mark in command_line(process.pid)]

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)


@contextmanager
def started(arguments: list[str], folder: Path) -> Iterator[Started]:
    """Start a command and leave nothing of it behind, whatever the test finds."""
    command = Started(arguments, folder)
    try:
        yield command
    finally:
        command.process.kill()
        command.process.wait()


def eventually(holds: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def all_gone(family: list[psutil.Process], seconds: float = 10) -> bool:
    _, alive = psutil.wait_procs(family, timeout=seconds)
    return not alive
