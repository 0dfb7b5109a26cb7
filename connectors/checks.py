"""System checks of the connectors' settings."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from connectors.connect_to import parse


def check_outbound_connect_to(**_: Any) -> list[CheckMessage]:
    """Let connections be sent elsewhere in a sandbox only, by entries that can be read."""
    setting = settings.OUTBOUND_CONNECT_TO
    if setting and not settings.SANDBOX:
        return [
            Error(
                "OUTBOUND_CONNECT_TO is set, but SANDBOX is not true.",
                hint="Remove OUTBOUND_CONNECT_TO, or set SANDBOX=true where no real lead is taken.",
                id="connectors.E001",
            )
        ]
    try:
        parse(setting)
    except ValueError as error:
        return [Error(f"OUTBOUND_CONNECT_TO: {error}", id="connectors.E002")]
    return []
