"""Climb the rungs of "Check connection"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict

from django.utils import timezone

from connectors import registry
from connectors.base import Check
from leads import health
from leads.models import Destination
from leads.vault import Unreadable


def check(destination: Destination) -> list[Check]:
    """Check a destination, and let one that is held try again when all holds.

    Each rung is remembered as soon as it is known, so that others can look on.
    """
    climbed: list[Check] = []
    rungs = _remember(destination, climbed)
    for rung in _climb(destination):
        climbed.append(rung)
        rungs = _remember(destination, climbed)
    destination.checked_at = timezone.now()
    destination.save(update_fields=["checked_at"])
    if destination.state == Destination.State.HELD and all(rung.passed for rung in rungs):
        health.probe(destination)
    return rungs


def _climb(destination: Destination) -> Iterator[Check]:
    try:
        with registry.connect(destination.connector, destination.config, destination.mapping) as connector:
            yield from connector.checks()
    except Unreadable as error:
        yield Check(name="Settings", passed=False, sentence=str(error), fix="Enter the settings again.")


def _remember(destination: Destination, climbed: Sequence[Check]) -> list[Check]:
    reached = {rung.name for rung in climbed}
    rungs = [*climbed, *(Check(name=one, passed=None) for one in destination.rungs if one not in reached)]
    destination.last_check = [asdict(rung) for rung in rungs]
    destination.save(update_fields=["last_check"])
    return rungs
