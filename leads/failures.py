"""What does not land, by destination and cause: how much, since when, who must act, and what changed just before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from connectors.errors import Misconfigured, Rejected, Unavailable, Uncertain, Who
from leads.failures_evidence import Change, Evidence, gather
from leads.failures_sql import COUNT, Row
from leads.models import Delivery, Destination, Offer
from leads.progress import GONE

MOST = 100
"""Groups that are told; the largest come first."""
MISSING = Delivery.Landing.MISSING.value
"""The cause, and the state, of what had been taken and was not there any more."""
REMEMBERED = timedelta(days=14)
"""How long what is missing is told of; it may have been deleted there on purpose."""
GRAVEST_FIRST = (
    *(Delivery.State.UNCERTAIN, Delivery.State.REJECTED, Delivery.State.GAVE_UP),
    *(MISSING, Delivery.State.WAITING),
)

UNTOLD = {
    Delivery.State.UNCERTAIN: (Uncertain.who, "Look whether it is there; then send again, or leave it."),
    Delivery.State.REJECTED: (Rejected.who, "Read what was answered and mend its cause there; then send again."),
    Delivery.State.GAVE_UP: (Unavailable.who, "Ask whoever runs the target to look into it; then send again."),
    Delivery.State.WAITING: (Unavailable.who, Unavailable.fix),
    MISSING: ("publisher", "If nobody deleted it there on purpose, send it again."),
}
"""Who acts, and how, where the failure itself did not say: by the gravest state of a group."""
GONE_SENTENCE = "Taken, and not there any more when we looked."
AT_FAULT: dict[str, Who] = {Destination.State.HELD: Misconfigured.who, Destination.State.RESTING: Unavailable.who}


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Deliveries that one cause keeps from one destination.

    ``open`` of them wait, and go on by themselves or with their destination. The others have stopped; ``may_double`` of
    them might land a second time if they are sent again.
    """

    destination: Destination
    cause: str
    state: str
    """Where they stand: the state of the destination they wait for, or the gravest of their own."""
    count: int
    open: int
    may_double: int
    first_at: datetime
    last_at: datetime
    offers: list[Offer]
    sentence: str
    who: str
    """One of :data:`connectors.errors.Who`."""
    fix: str
    change: Change | None
    secret_ended_on: date | None
    """The day the destination's secret ended, where that was before the first failure."""


def groups(publisher_id: int | None) -> list[Group]:
    """Tell a publisher's failures, or with None everybody's, the largest group first."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"publisher": publisher_id, "most": MOST, "lately": timezone.now() - REMEMBERED})
        rows = [Row(*row) for row in cursor.fetchall()]
    evidence = gather(
        destinations={row.destination for row in rows},
        offers={offer for row in rows for offer in row.offers},
        deliveries={delivery for row in rows for delivery in (row.first, row.last)},
    )
    return [_group(row, evidence) for row in rows]


def caused_by(cause: str) -> Q:
    """Say of a delivery that this keeps it from landing: the same as :data:`COUNT` says."""
    waits = Q(state__in=Delivery.OPEN) & ~Q(destination__state=Destination.State.ACTIVE)
    paused = Q(destination__state=Destination.State.PAUSED)
    untold = Q(destination__problem_cause="", destination__state=cause)
    theirs = paused if cause == Destination.State.PAUSED else ~paused & (Q(destination__problem_cause=cause) | untold)
    gone = GONE & Q(landing_checked_at__gte=timezone.now() - REMEMBERED) if cause == MISSING else Q(pk__in=[])
    return (waits & theirs) | (~waits & Q(cause=cause)) | gone


def _group(row: Row, evidence: Evidence) -> Group:
    place = evidence.destinations[row.destination]
    waits = bool(row.open) and place.state != Destination.State.ACTIVE
    state = place.state if waits else next(state for state in GRAVEST_FIRST if state in _settled(row.states))
    first, last = _span(row, evidence, place.problem_since if waits else None)
    sentence, who, fix = of_destination(place) if waits else _of_deliveries(row, state, evidence)
    ended = place.secret_expires_on
    return Group(
        destination=place,
        cause=row.cause,
        state=state,
        count=row.number,
        open=row.open,
        may_double=row.may_double,
        first_at=first,
        last_at=last,
        offers=sorted((evidence.offers[offer] for offer in row.offers), key=str),
        change=None if state == MISSING else evidence.change_before(row.destination, first),
        secret_ended_on=ended if ended and ended <= first.date() else None,
        sentence=sentence,
        who=who,
        fix=fix,
    )


def _settled(states: Sequence[str]) -> set[str]:
    """Take what is being sent for waiting: it is one moment of it."""
    return {Delivery.State.WAITING if state == Delivery.State.SENDING else state for state in states}


def _span(row: Row, evidence: Evidence, since: datetime | None) -> tuple[datetime, datetime]:
    """Return the first and the last time it failed, as the oldest and the newest of the deliveries tell it."""
    tried = [at for delivery in (row.first, row.last) for at in evidence.tried(delivery, row.cause)]
    otherwise = evidence.deliveries[row.first].created_at
    # A destination's problem may have met the same leads before; since when it stands still, it says itself.
    begun = [at for at in (since, row.began, *([] if since else tried)) if at] or [otherwise]
    return min(begun), max([*begun, *tried, row.ended or min(begun)])


def of_destination(place: Destination) -> tuple[str, str, str]:
    if place.state == Destination.State.PAUSED:
        return f"{place.name} is paused.", "publisher", "Resume it, and they go out."
    if not place.problem:
        return "One lead is tried now; the others follow when it lands.", "marketplace", ""
    return place.problem, place.problem_who or AT_FAULT[place.state], place.problem_fix


def _of_deliveries(row: Row, state: str, evidence: Evidence) -> tuple[str, str, str]:
    who, fix = UNTOLD[state]
    if state == MISSING:
        return GONE_SENTENCE, who, fix
    last, sentence = evidence.last_tries.get(row.last), evidence.deliveries[row.last].sentence
    if last is None or last.cause != row.cause:
        return sentence, who, fix
    return sentence, last.who or who, last.fix or fix
