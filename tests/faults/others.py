"""What the rest of the machine does meanwhile: a time that was taken beside it says little."""

from __future__ import annotations

import time
from contextlib import suppress

import psutil


class Others:
    """Measures, from when it was made, how many cores were busy with what these tests have not started."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.foreign = _foreign()

    def cores(self) -> float:
        return (_foreign() - self.foreign) / (time.monotonic() - self.began)


def _foreign() -> float:
    everything = psutil.cpu_times()
    return sum(everything) - everything.idle - everything.iowait - everything.guest - everything.guest_nice - _ours()


def _ours() -> float:
    """Sum the seconds of this process and all it has started, ended ones among them."""
    me = psutil.Process()
    return sum(_seconds(process) for process in [me, *me.children(recursive=True)])


def _seconds(process: psutil.Process) -> float:
    with suppress(psutil.NoSuchProcess):
        return sum(process.cpu_times()[:4])
    return 0.0
