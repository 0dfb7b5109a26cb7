"""What happened to a lead, in order: received, counted, known, routed, tried, landed; and what is to come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Prefetch, QuerySet

from leads.models import Attempt, Delivery, Lead
from leads.proof import GONE_THEN, proof
from leads.why import next_try, what_next


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    at: datetime
    what: str
    note: str = ""
    attempt: Attempt | None = None
    url: str = ""
    """The lead's place in the target, where it named one."""
    to_come: bool = False


def with_story(leads: QuerySet[Lead]) -> QuerySet[Lead]:
    """Load what a story needs: customer, offer, and the deliveries with destination, tries and replay."""
    deliveries = Delivery.objects.select_related("destination", "replay__started_by").prefetch_related("tries")
    return leads.select_related("customer", "offer__publisher").prefetch_related(
        Prefetch("deliveries", deliveries.order_by("pk"))
    )


def timeline(lead: Lead, deliveries: Sequence[Delivery]) -> list[Moment]:
    """Tell a lead's story; needs what :func:`with_story` loads."""
    moments = [*_arrival(lead, deliveries)]
    for delivery in deliveries:
        moments += _journey(delivery)
    return sorted(moments, key=lambda moment: (moment.to_come, moment.at))


def _arrival(lead: Lead, deliveries: Sequence[Delivery]) -> Iterator[Moment]:
    source, action = lead.get_source_display(), lead.get_action_display()
    said = action if source.lower() == action.lower() else f"{action} on {source}"
    yield Moment(at=lead.received_at, what="Received", note=f"{said}.")
    yield Moment(at=lead.received_at, what=_counted(lead), note=_not_counted(lead))
    if lead.customer:
        yield Moment(at=lead.received_at, what=_known(lead), note=lead.customer.full_name)
    names = ", ".join(delivery.destination.name for delivery in deliveries)
    nowhere = "The offer had no destination then. The lead is kept here."
    yield Moment(at=lead.received_at, what="Routed" if names else "Not routed", note=names or nowhere)


def _counted(lead: Lead) -> str:
    return f"Stage: {lead.get_stage_display()}" if lead.stage else "No stage: do not contact"


def _not_counted(lead: Lead) -> str:
    if lead.kind == Lead.Kind.LIVE:
        return ""
    return f"A {lead.get_kind_display().lower()} lead counts in no funnel and makes no customer."


def _known(lead: Lead) -> str:
    earlier = Lead.objects.filter(customer=lead.customer_id, received_at__lt=lead.received_at)
    told = earlier.aggregate(since=Min("received_at"), number=Count("pk"))
    if not told["number"]:
        return "New customer"
    since = f"{told['since'].day} {told['since']:%b %Y}"
    leads = "lead" if told["number"] == 1 else "leads"
    return f"Customer known by e-mail since {since}, {told['number']:,} earlier {leads}"


def _journey(delivery: Delivery) -> Iterator[Moment]:
    name = delivery.destination.name
    for attempt in delivery.tries.all():
        yield Moment(at=attempt.started_at, what=f"Sent to {name}", note=attempt.sentence, attempt=attempt)
    if delivery.put_back_at:
        yield Moment(at=delivery.put_back_at, what=f"Put back in line for {name}", note=_by(delivery))
    if delivery.finished_at:
        yield Moment(at=delivery.finished_at, what=_end(delivery), note=_remote(delivery), url=delivery.remote_url)
    if delivery.landing_checked_at:
        yield Moment(
            at=delivery.landing_checked_at,
            what=f"Looked for in {name}",
            note=proof(delivery) if delivery.landing else GONE_THEN,
        )
    at = next_try(delivery)
    if at:
        yield Moment(at=at, what=f"Next try at {name}", note=what_next(delivery), to_come=True)


def _end(delivery: Delivery) -> str:
    if delivery.state == Delivery.State.DELIVERED:
        return f"Landed at {delivery.destination.name}"
    return f"{delivery.get_state_display()}: {delivery.destination.name}"


def _remote(delivery: Delivery) -> str:
    return f"Known there as {delivery.remote_id}." if delivery.remote_id else delivery.sentence


def _by(delivery: Delivery) -> str:
    by = delivery.replay.started_by if delivery.replay else None
    return f"{by.get_full_name() or by.get_username()} had it sent again." if by else ""
