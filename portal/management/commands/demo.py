"""``manage.py demo``: something to look at, in an empty database."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from portal.demo import facts, load


class Command(BaseCommand):
    """Load the demo once; every further call only writes the address down anew."""

    help = "Load the demo if the database is empty, and write var/demo.json."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--base-url", default=settings.BASE_URL, help="where the site is served")

    def handle(self, *, base_url: str, **_options: Any) -> None:
        load.demo(base_url.rstrip("/"))
        self.stdout.write(f"How to enter the demo is written in {facts.path()}.")
