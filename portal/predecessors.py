"""Other runs of the portal on the same folder: one at a time, and what a killed one has left behind ends first."""

from __future__ import annotations

import fcntl
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from portal.processes import StartError


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a folder for this process; StartError names the process that has it already."""
    with (folder / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise StartError(f"The portal is already running on {folder}: process {lock.read()}.") from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def await_end(pid_file: Path, *, mark: str, farewell: signal.Signals, seconds: float) -> None:
    """Wait for the process of an earlier run to end: where the kernel could not tell it to, it is told now.

    ``mark`` stands in its command line, so that a number the system has given to somebody else is left alone.
    """
    process = earlier_process(pid_file, mark)
    if process is None:
        return
    with suppress(psutil.NoSuchProcess):
        process.send_signal(farewell)
    try:
        process.wait(seconds)
    except psutil.TimeoutExpired:
        raise StartError(f"Process {process.pid} of an earlier run does not stop; end it, then start again.") from None


def earlier_process(pid_file: Path, mark: str) -> psutil.Process | None:
    """Find the process whose number a file holds, if it is still the one that wrote it."""
    try:
        process = psutil.Process(int(pid_file.read_text().split()[0]))
        return process if mark in " ".join(process.cmdline()) else None
    except (FileNotFoundError, IndexError, ValueError, psutil.NoSuchProcess):
        return None
