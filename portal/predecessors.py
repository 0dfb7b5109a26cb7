"""Other runs of the portal on the same folder: one at a time, and what a killed one has left behind ends first."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

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
    """Wait for the process of an earlier run to end: where the kernel could not tell it to, it is told now."""
    pid = earlier_process(pid_file, mark)
    if pid is None:
        return
    with suppress(ProcessLookupError):
        os.kill(pid, farewell)
    deadline = time.monotonic() + seconds
    while mark in command_line(pid):
        if time.monotonic() > deadline:
            raise StartError(f"Process {pid} of an earlier run does not stop; end it, then start again.")
        time.sleep(0.05)


def earlier_process(pid_file: Path, mark: str) -> int | None:
    """Read whose number a file holds; None where that process has ended.

    ``mark`` stands in its command line, so that a number the system has since given to somebody else is left alone.
    """
    try:
        pid = int(pid_file.read_text().split()[0])
    except (FileNotFoundError, IndexError, ValueError):
        return None
    return pid if mark in command_line(pid) else None


def command_line(pid: int) -> str:
    """Tell how a process was started; empty where there is none, or where it is on its way out."""
    if Path("/proc/self").exists():
        with suppress(OSError):
            return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
        return ""
    command = ["ps", "-o", "command=", "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603 - a fixed program
