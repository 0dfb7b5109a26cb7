"""Secrets that the portal made: handed from one answer to the next page, shown there, and gone."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from leads import vault
from leads.models import Destination

KEY = "issued"


def hand_over(request: HttpRequest, destination: Destination, issued: dict[str, Any]) -> None:
    """Keep what was issued, encrypted, for the destination's next page."""
    if issued:
        request.session[KEY] = [destination.pk, vault.seal(issued).decode()]


def take(request: HttpRequest, destination: Destination) -> list[tuple[str, str]]:
    """Return names and values to show this once."""
    owner, sealed = request.session.get(KEY, (None, ""))
    if owner != destination.pk:
        return []
    del request.session[KEY]
    issued = vault.open_sealed(sealed.encode())
    return [(name.replace("_", " ").capitalize(), value) for name, value in issued.items()]
