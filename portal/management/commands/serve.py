"""``manage.py serve``: the whole portal on this machine, until Ctrl-C. ``make run`` calls it."""

from __future__ import annotations

import os
import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal import serving
from portal.processes import StartError, follow_parent


class Command(BaseCommand):
    """Serve until told to stop."""

    help = "Run PostgreSQL and a broker where none are given, the demo, the site, its workers and a sandbox."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))
        parser.add_argument("--with-parent", action="store_true", help="stop when the process that started this ends")

    def handle(self, *, port: int, with_parent: bool, **_options: Any) -> None:
        stop_on_signals()
        if with_parent:
            follow_parent(signal.SIGTERM)
        try:
            serving.serve(port, say=self.stdout.write)
        except StartError as error:
            raise CommandError(str(error)) from None
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")


def stop_on_signals() -> None:
    """Leave by one road, whichever of the three asks; a second asking does not disturb the leaving."""

    def leave(number: int, frame: object) -> None:
        del number, frame
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, leave)
