"""The portal's own processes on the test database: workers to be killed, and a site to be visited."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection

from portal import fleet
from portal.ports import free_port
from portal.processes import running, wait_until
from portal.readiness import site_is_ready


class Worker:
    """A running Celery worker."""

    def __init__(self, number: int, environment: dict[str, str], logs: Path) -> None:
        self.program = fleet.worker(number, logs)
        self.process = self.program.start(environment)

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def log(self) -> str:
        return self.program.log.read_text(errors="replace")

    def await_ready(self) -> None:
        wait_until(self.program.at_work, program=self.program, process=self.process, seconds=30)

    def kill9(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        self.program.stop(self.process)


class Workers(list[Worker]):
    """Several of them, as one."""

    def kill9(self) -> None:
        for worker in self:
            worker.kill9()

    def stop(self) -> None:
        """Ask all of them before waiting for any."""
        for worker in self:
            worker.process.send_signal(worker.program.farewell)
        for worker in self:
            worker.program.await_end(worker.process)


StartWorkers = Callable[..., Workers]


@pytest.fixture
def live_environment(transactional_db: None) -> dict[str, str]:
    """Give the settings of a process of the portal that works on the test database; change it before starting one."""
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    return os.environ | {"DATABASE_URL": address.geturl(), "DJANGO_SETTINGS_MODULE": "tests.settings"}


@pytest.fixture
def celery_worker_process(live_environment: dict[str, str], tmp_path: Path) -> Iterator[StartWorkers]:
    """Start ``n`` real workers and wait until they are ready: ``celery_worker_process(n=2)[0].kill9()``."""
    started = Workers()

    def start(n: int = 1) -> Workers:
        first = len(started) + 1
        fresh = Workers(Worker(number, live_environment, tmp_path) for number in range(first, first + n))
        started.extend(fresh)
        for worker in fresh:
            worker.await_ready()
        return fresh

    yield start
    started.stop()


@pytest.fixture
def celery_beat_process(live_environment: dict[str, str], tmp_path: Path) -> Iterator[None]:
    """Have the sweep called, as in production."""
    with running(fleet.beat(tmp_path / "beat-schedule", tmp_path), live_environment):
        yield


@pytest.fixture
def live_portal(live_environment: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """Serve the site as in production, by the test database; the address, without a slash at its end."""
    port = free_port()
    address = live_environment["BASE_URL"] = f"http://127.0.0.1:{port}"
    program = fleet.web(port, tmp_path)
    with running(program, live_environment) as process:
        wait_until(lambda: site_is_ready(port, address), program=program, process=process, seconds=30)
        yield address
