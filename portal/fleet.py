"""The processes the portal consists of, and how each is started on one machine."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from portal.processes import Program

WEB_WORKERS = 2
WEB_THREADS = 16
"""Leads that are sent at once are stored together: the more threads, the fewer statements."""
WORKERS = 2
THRIFT = {"MALLOC_ARENA_MAX": "2"}
"""Else the C library keeps up to eight heaps a core, and what a thread has freed in one is of no use to the others."""


def web(port: int, logs: Path) -> Program:
    """Serve the site on loopback."""
    size = ["--workers", str(WEB_WORKERS), "--blocking-threads", str(WEB_THREADS)]
    manners = ["--http", "1", "--no-ws", "--respawn-failed-workers", "--workers-kill-timeout", "3"]
    address = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    command = python("granian", *address, *size, *manners, "portal.wsgi:application")
    # Its workers are its own children: only it can end them.
    return Program(name="web", command=command, log=logs / "web.log", death_signal=signal.SIGTERM, environment=THRIFT)


def worker(number: int, logs: Path) -> Program:
    """Run wake-ups."""
    name = f"worker-{number}"
    command = python("portal.worker", name)
    return Program(name=name, command=command, log=logs / f"{name}.log", announces=" ready.", environment=THRIFT)


def beat(schedule: Path, logs: Path) -> Program:
    """Send the sweep on its way. ``schedule`` is where it remembers when it last did."""
    command = python("celery", "-A", "portal", "beat", "--schedule", str(schedule), "--pidfile=", "--loglevel", "INFO")
    return Program(name="beat", command=command, log=logs / "beat.log")


def sandbox(port: int, logs: Path) -> Program:
    """Run the pretended outside world."""
    command = python("connectors.sandbox", "--port", str(port))
    return Program(name="sandbox", command=command, log=logs / "sandbox.log")


def python(module: str, *arguments: str) -> list[str]:
    """Run a module with this very Python."""
    return [sys.executable, "-m", module, *arguments]
