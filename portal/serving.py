"""The whole portal on one machine: services, preparation, programs, and a word to the person who started it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from connectors.sandbox import connect_to
from portal import embedded, fleet, greeting
from portal.ports import demand_free, kept_port
from portal.processes import Program, StartError, last_words, running
from portal.readiness import site_is_ready
from portal.supervisor import supervised

Say = Callable[[str], object]

GLANCE = 0.2
"""Seconds between two looks at the programs."""
OVERDUE = 60.0
"""Seconds after which a site that does not answer is worth a word."""


def serve(port: int, *, say: Say) -> None:
    """Run everything until a KeyboardInterrupt; StartError says what is in the way."""
    folder = embedded.var()
    with embedded.start():
        demand_free(port)
        sandbox_port = kept_port(folder / "sandbox-port")
        environment = child_environment(port, sandbox_port)
        prepare(environment, folder / "log")
        fleet_here = programs(port, sandbox_port, folder)
        with supervised(fleet_here, environment, say) as look:
            await_ready(look, lambda: at_work(fleet_here, port, environment["BASE_URL"]), folder, say)
            say(greeting.text(folder / "demo.json", sandbox_port))
            while True:
                look()
                time.sleep(GLANCE)


def programs(port: int, sandbox_port: int, folder: Path) -> list[Program]:
    """List what runs."""
    logs = folder / "log"
    workers = [fleet.worker(number, logs) for number in range(1, fleet.WORKERS + 1)]
    listed = [fleet.web(port, logs), *workers, fleet.beat(folder / "beat-schedule", logs)]
    listed.append(fleet.sandbox(sandbox_port, logs))
    for program in listed:
        program.log.unlink(missing_ok=True)
    return listed


def child_environment(port: int, sandbox_port: int) -> dict[str, str]:
    """Give every program the same settings: the person's own, those of a demo, and the embedded ones."""
    demo = {"SANDBOX": "true", "BASE_URL": f"http://127.0.0.1:{port}", "PORTAL_VAR": str(embedded.var())}
    environment = embedded.defaults() | demo | os.environ
    if environment["SANDBOX"].lower() in {"true", "1", "yes", "on"}:
        detours = [environment.get("OUTBOUND_CONNECT_TO", ""), connect_to(sandbox_port)]
        environment["OUTBOUND_CONNECT_TO"] = ",".join(filter(None, detours))
    return environment


def prepare(environment: dict[str, str], logs: Path) -> None:
    """Migrate, collect static files and load the demo, in a process whose memory is given back."""
    program = Program(name="prepare", command=fleet.python("manage", "prepare", "--demo"), log=logs / "prepare.log")
    with running(program, environment) as process:
        if process.wait() != 0:
            raise StartError(f"The database could not be prepared. {last_words(program.log)}")


def await_ready(look: Callable[[], None], ready: Callable[[], bool], folder: Path, say: Say) -> None:
    """Keep the programs running until all are at work."""
    overdue = time.monotonic() + OVERDUE
    while not ready():
        look()
        if time.monotonic() > overdue:
            say(f"The site does not answer yet; {folder / 'log'} may say why.")
            overdue += OVERDUE
        time.sleep(GLANCE)


def at_work(listed: list[Program], port: int, base_url: str) -> bool:
    """Tell whether every program has announced itself and the site calls itself ready."""
    return all(program.at_work() for program in listed) and site_is_ready(port, base_url)
