"""What happened to a lead, in order: received, counted, known, routed, tried, landed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from leads.models import Attempt, Delivery, Lead


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    at: datetime
    what: str
    note: str = ""
    attempt: Attempt | None = None
    url: str = ""
    """The lead's place in the target, where it named one."""


def timeline(lead: Lead, deliveries: Sequence[Delivery]) -> list[Moment]:
    """Tell a lead's story; needs its customer and offer, and the deliveries with destination and tries, loaded."""
    moments = [*_arrival(lead, deliveries)]
    for delivery in deliveries:
        moments += _journey(delivery)
    return sorted(moments, key=lambda moment: moment.at)


def _arrival(lead: Lead, deliveries: Sequence[Delivery]) -> Iterator[Moment]:
    source, action = lead.get_source_display(), lead.get_action_display()
    said = action if source.lower() == action.lower() else f"{action} on {source}"
    yield Moment(at=lead.received_at, what="Received", note=f"{said}.")
    yield Moment(at=lead.received_at, what=_counted(lead), note=_not_counted(lead))
    if lead.customer:
        since = lead.customer.first_seen_at
        known = "New customer" if since >= lead.received_at else f"Customer known since {since.day} {since:%b %Y}"
        yield Moment(at=lead.received_at, what=known, note=lead.customer.full_name)
    names = ", ".join(delivery.destination.name for delivery in deliveries)
    nowhere = "The offer had no destination then. The lead is kept here."
    yield Moment(at=lead.received_at, what="Routed" if names else "Not routed", note=names or nowhere)


def _counted(lead: Lead) -> str:
    return f"Stage: {lead.get_stage_display()}" if lead.stage else "No stage: do not contact"


def _not_counted(lead: Lead) -> str:
    if lead.kind == Lead.Kind.LIVE:
        return ""
    return f"A {lead.get_kind_display().lower()} lead counts in no funnel and makes no customer."


def _journey(delivery: Delivery) -> Iterator[Moment]:
    name = delivery.destination.name
    for attempt in delivery.tries.all():
        yield Moment(at=attempt.started_at, what=f"Sent to {name}", note=attempt.sentence, attempt=attempt)
    if delivery.finished_at:
        yield Moment(at=delivery.finished_at, what=_end(delivery), note=_remote(delivery), url=delivery.remote_url)


def _end(delivery: Delivery) -> str:
    if delivery.state == Delivery.State.DELIVERED:
        return f"Landed at {delivery.destination.name}"
    return f"{delivery.get_state_display()}: {delivery.destination.name}"


def _remote(delivery: Delivery) -> str:
    return f"Known there as {delivery.remote_id}." if delivery.remote_id else delivery.sentence
