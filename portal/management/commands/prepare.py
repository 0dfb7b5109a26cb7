"""``manage.py prepare``: bring the database and the static files up to this version of the code."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    """Make a database ready to serve; doing it again changes nothing."""

    help = "Migrate, collect the static files and, with --demo, load the demo."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="load the demo too")

    def handle(self, *, demo: bool, **_options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        if demo:
            call_command("demo")
