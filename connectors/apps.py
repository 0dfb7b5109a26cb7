"""The app of the connectors: no tables, only checks of its settings."""

from __future__ import annotations

import logging

from django.apps import AppConfig
from django.core.checks import register

from connectors.checks import check_outbound_connect_to


class ConnectorsConfig(AppConfig):
    """Registers the system checks, and keeps URLs out of the log."""

    name = "connectors"

    def ready(self) -> None:
        register(check_outbound_connect_to, "connectors")
        # The HTTP library logs whole URLs, and a publisher's URL may hold a key.
        logging.getLogger("urllib3").setLevel(logging.ERROR)
