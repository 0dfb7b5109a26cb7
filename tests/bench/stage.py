"""The product as it runs in production, small: its own database and broker, web, workers, and a receiver."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from leads import keys
from leads.models import Delivery, Destination, Offer, Publisher
from portal import embedded, fleet
from portal.ports import free_port
from portal.processes import Program, running, wait_until
from tests.bench import bare
from tests.factories import make_destination, make_offer, make_publisher
from tests.waiting import wait_for


class Stage:
    """Everything a measurement needs."""

    def __init__(self, logs: Path, receiver_port: int, receiver_pid: int) -> None:
        self.logs = logs
        self.receiver_pid = receiver_pid
        self.receiver = f"http://127.0.0.1:{receiver_port}"
        self.publisher: Publisher = make_publisher()
        self.headers = {"Authorization": f"Bearer {keys.issue('bench')[1]}"}
        self.destinations = [
            make_destination(f"Endpoint {n}", url=f"https://leads{n}.example.com/in") for n in range(8)
        ]
        self.offer: Offer = make_offer(routes=(self.destinations[0],))

    @contextmanager
    def web(self, settings: str = "tests.settings") -> Iterator[int]:
        """Serve the site, or with other settings something else on the same server."""
        port = free_port()
        program = fleet.web(port, self.logs)
        environment = os.environ | {"DJANGO_SETTINGS_MODULE": settings}
        with running(program, environment) as process:
            wait_until(lambda: _answers(port), program=program, process=process, seconds=30)
            yield port

    @contextmanager
    def workers(self, number: int = fleet.WORKERS) -> Iterator[None]:
        """Run as many workers as production does."""
        if number == 0:
            yield
            return
        program = fleet.worker(number, self.logs)
        program.log.unlink(missing_ok=True)
        with running(program, dict(os.environ)) as process:
            wait_until(program.at_work, program=program, process=process, seconds=30)
            with self.workers(number - 1):
                yield

    def clear(self) -> None:
        """Take what waits out of the way of what is to be measured."""
        waiting = Delivery.objects.filter(state=Delivery.State.WAITING)
        waiting.update(state=Delivery.State.WITHHELD, finished_at=timezone.now())
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE leads_delivery, leads_lead, leads_customer, leads_journey, leads_attempt")

    def arrivals(self) -> list[tuple[str, float]]:
        """Return and forget what the receiver got: ids and when."""
        found: list[tuple[str, float]] = requests.get(self.receiver, timeout=30).json()
        return found


@contextmanager
def stage() -> Iterator[Stage]:
    """Set the stage, and clear it away afterwards."""
    port = free_port()
    os.environ["OUTBOUND_CONNECT_TO"] = f"*.example.com=http://127.0.0.1:{port}"
    logs = embedded.var() / "log"
    command = fleet.python("tests.bench.receiver", str(port))
    receiver = Program(name="receiver", command=command, log=logs / "receiver.log", announces="ready.")
    with embedded.start(), running(receiver) as process:
        wait_until(receiver.at_work, program=receiver, process=process, seconds=10)
        call_command("migrate", verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute(bare.TABLE)
        yield Stage(logs, port, process.pid)
        connection.close()


def wait_until_idle(destinations: list[Destination]) -> None:
    """Wait until nothing waits."""
    wanted: dict[str, Any] = {"destination__in": destinations, "state__in": ["waiting", "sending"]}
    from_all = destinations[0].deliveries.model.objects.filter(**wanted)
    wait_for(lambda: not from_all.exists(), seconds=300)


def _answers(port: int) -> bool:
    try:
        requests.get(f"http://127.0.0.1:{port}/", timeout=2)
    except requests.ConnectionError:
        return False
    return True
