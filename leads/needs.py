"""What needs somebody now: failures that do not end by themselves, and destinations that stand still without a lead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.utils import timezone

from leads.failures import MISSING, Group, groups, of_destination
from leads.models import Delivery, Destination

GRAVITY = (
    *(Destination.State.HELD, Destination.State.RESTING, Destination.State.PAUSED),
    *(Delivery.State.UNCERTAIN, Delivery.State.REJECTED, Delivery.State.GAVE_UP),
    MISSING,
)
"""The states that need somebody, in the order they are shown. What failed and waits for its next try does not."""


def needs(publisher_id: int | None) -> list[Group]:
    """List a publisher's failure groups that need somebody, or with None everybody's, gravest first.

    Destinations that are held or away while no lead waits are groups of none.
    """
    failing = [group for group in groups(publisher_id) if group.state in GRAVITY]
    found = [*failing, *_idle(publisher_id, failing)]
    return sorted(found, key=lambda group: (GRAVITY.index(group.state), -group.count, group.destination.name))


def _idle(publisher_id: int | None, failing: Sequence[Group]) -> Iterator[Group]:
    whose = {} if publisher_id is None else {"publisher": publisher_id}
    unwell = Destination.objects.filter(**whose, state__in=[Destination.State.HELD, Destination.State.RESTING])
    told = {group.destination.pk for group in failing if group.state == group.destination.state}
    for place in unwell.exclude(pk__in=told).select_related("publisher"):
        yield _group_of_none(place)


def _group_of_none(place: Destination) -> Group:
    sentence, who, fix = of_destination(place)
    since = place.problem_since or timezone.now()
    return Group(
        destination=place,
        cause=place.problem_cause,
        state=place.state,
        count=0,
        open=0,
        may_double=0,
        first_at=since,
        last_at=since,
        offers=[],
        sentence=sentence,
        who=who,
        fix=fix,
        change=None,
        secret_ended_on=None,
    )
