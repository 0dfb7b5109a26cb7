"""The steps of publishing. Each can be taken twice without harm: a worker may die between any two lines."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from leads import checking, delivery, destinations
from leads.models import Delivery, Destination, PublicationStep

State = PublicationStep.State
Kind = PublicationStep.Kind

PATIENCE = timedelta(minutes=2)
"""How long a test lead may wait for its turn before the step fails."""
SETTLE = 5.0
"""Seconds to watch a test lead that another drain has in hand, before leaving it to the sweep."""


def take(step: PublicationStep) -> None:
    """Take one step as far as it can be taken now; its row says how it went."""
    if step.state == State.PENDING:
        step.state, step.started_at = State.RUNNING, timezone.now()
        step.save()
    TAKE[PublicationStep.Kind(step.kind)](step)
    step.finished_at = timezone.now() if step.state in (State.PASSED, State.FAILED) else None
    step.save()


def _check(step: PublicationStep) -> None:
    rungs = checking.check(_destination(step))
    failed = next((rung for rung in rungs if not rung.passed), None)
    if failed:
        step.state, step.sentence, step.fix = State.FAILED, f"{failed.name}: {failed.sentence}"[:500], failed.fix[:500]
    else:
        step.state, step.sentence = State.PASSED, f"All {len(rungs)} checks passed."


def _test_lead(step: PublicationStep) -> None:
    destination = _destination(step)
    if step.lead_id is None:
        step.lead_id = destinations.send_test_lead(destination).lead_id
        step.save(update_fields=["lead_id"])
    delivery.drain(destination.pk)
    _judge(step, _settled(step))


def _preview(step: PublicationStep) -> None:
    step.state = State.PASSED
    step.sentence = "The offer is ready. Acquire it yourself in preview, then let it go live."


TAKE: dict[PublicationStep.Kind, Callable[[PublicationStep], None]] = {
    Kind.CHECK: _check,
    Kind.TEST_LEAD: _test_lead,
    Kind.PREVIEW: _preview,
}


def _settled(step: PublicationStep) -> Delivery:
    until = time.monotonic() + SETTLE
    while True:
        sent = Delivery.objects.select_related("destination").get(lead=step.lead_id, destination=step.destination_id)
        tried = sent.claims > 0 and sent.state != Delivery.State.SENDING
        if tried or time.monotonic() > until:
            return sent
        time.sleep(0.1)


def _judge(step: PublicationStep, sent: Delivery) -> None:
    if sent.state == Delivery.State.DELIVERED:
        step.state, step.sentence = State.PASSED, "The test lead arrived."
    elif sent.sentence and sent.state != Delivery.State.SENDING:
        step.state, step.sentence = State.FAILED, sent.sentence
        step.fix = sent.destination.problem_fix or "Mend the destination, then publish again."
    elif timezone.now() > sent.created_at + PATIENCE:
        step.state, step.sentence = State.FAILED, f"The test lead is still waiting: {sent.destination.name} is busy."
        step.fix = "Publish again in a few minutes. The test lead stays in line and loses nothing."


def _destination(step: PublicationStep) -> Destination:
    if step.destination is None:
        raise ValueError(f"Step {step.pk} has no destination.")
    return step.destination
