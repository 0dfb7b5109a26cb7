"""Sending what was claimed: several requests in flight, none begun after the first sign that the target is away."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from types import TracebackType
from typing import Any, Self

from django.utils import timezone

from connectors.base import Connector, LeadPayload, Receipt
from connectors.errors import DeliveryError, Misconfigured, Unavailable
from leads.claims import Claim
from leads.record import Outcome

logger = logging.getLogger(__name__)

START_WITHIN = 5.0
"""Seconds after a claim within which a request may still be begun."""

QUICK = 0.005
"""Seconds; a target that answers sooner is served best by one thread: several would only wait for each other."""


class Sender:
    """Sends rounds of claims through one connector with its ``concurrency``."""

    def __init__(self, connector: Connector[Any]) -> None:
        self.connector = connector
        self.pool = ThreadPoolExecutor(connector.concurrency, thread_name_prefix="send")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.pool.shutdown()

    def send(self, claimed: Sequence[Claim]) -> list[Outcome]:
        """Send in order; answer for what was begun. Claims missing from the answer were never sent."""
        size = self.connector.batch_size
        batches = [claimed[start : start + size] for start in range(0, len(claimed), size)]
        round_ = _Round(self.connector)
        first = [outcome for batch in batches[:1] for outcome in round_.send(batch)]
        side_by_side = self.pool.map if any(outcome.seconds > QUICK for outcome in first) else map
        return first + [outcome for outcomes in side_by_side(round_.send, batches[1:]) for outcome in outcomes]


class _Round:
    def __init__(self, connector: Connector[Any]) -> None:
        self.connector = connector
        self.stop = Event()
        self.begin_before = time.monotonic() + START_WITHIN

    def send(self, batch: Sequence[Claim]) -> list[Outcome]:
        if self.stop.is_set() or time.monotonic() > self.begin_before:
            return []
        started_at, clock = timezone.now(), time.monotonic()
        results = deliver(self.connector, [claim.lead for claim in batch])
        seconds = time.monotonic() - clock
        if any(isinstance(result, Unavailable | Misconfigured) for result in results):
            self.stop.set()
        return [Outcome(claim, result, started_at, seconds) for claim, result in zip(batch, results, strict=True)]


def deliver(connector: Connector[Any], leads: Sequence[LeadPayload]) -> list[Receipt | DeliveryError]:
    """Call the connector; a crash of ours is logged and tried again later, like a target that is away."""
    try:
        answered = list(zip(leads, connector.deliver(leads), strict=True))
    except Exception as error:  # noqa: BLE001 - whatever a connector does, its leads stay in the books
        _log_crash(connector, error)
        crash = Unavailable(
            "Something went wrong on our side. We have been told and try again.", cause="internal", who="marketplace"
        )
        return [crash] * len(leads)
    return [result for _, result in answered]


def _log_crash(connector: Connector[Any], error: Exception) -> None:
    # The message of an exception may quote a lead or a secret; where it was raised does not.
    frames = "".join(traceback.format_tb(error.__traceback__))
    logger.error("The connector %s crashed with %s\n%s", connector.slug, type(error).__name__, frames)
