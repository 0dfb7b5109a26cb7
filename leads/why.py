"""Where a delivery is, and why, in one sentence; what comes next, when, and what would change it, in another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from leads import retry
from leads.models import Delivery, Destination, Replay

HELD_BACK = {
    Destination.State.HELD: "Waiting: {name} is held. {problem}",
    Destination.State.PAUSED: "Waiting: {name} is paused. It goes on when somebody resumes it.",
    Destination.State.RESTING: "Waiting: {name} rests until {resume}. {problem}",
}
ENDED = {
    Delivery.State.DELIVERED: "Delivered to {name}.",
    Delivery.State.SENDING: "On its way to {name}.",
    Delivery.State.REJECTED: "Not taken by {name}. {sentence}",
    Delivery.State.UNCERTAIN: "It may or may not have reached {name}. {sentence} Decide whether to send it again.",
    Delivery.State.GAVE_UP: "Given up after {attempts} tries; it can be sent again. {sentence}",
    Delivery.State.WITHHELD: "Kept from {name}. {sentence}",
}
NEXT_AT_PLACE = {
    Destination.State.HELD: "At {resume} one lead is sent to see whether {name} has mended, and the others follow when"
    " it lands. Saving new settings sends one lead first, at once.",
    Destination.State.RESTING: "At {resume} one lead is tried, and the others follow when it lands. With “Try now” it"
    " is tried at once.",
    Destination.State.PAUSED: "It would be sent at once if you resumed {name}.",
}
NEXT = {
    Delivery.State.SENDING: "Its answer comes within a minute or so.",
    Delivery.State.REJECTED: "Nothing more happens by itself. Once the cause is gone, “Send again” sends it.",
    Delivery.State.UNCERTAIN: "Nothing more happens by itself. If {name} does not have it, “Send again” sends it.",
    Delivery.State.GAVE_UP: "Nothing more happens by itself. It would be sent at once if you pressed “Send again”.",
    Delivery.State.WITHHELD: "It never goes. A new lead in which the customer agrees would go.",
    Delivery.State.DELIVERED: "",
}
NEXT_OF_MISSING = (
    "Nothing more happens by itself. If nobody deleted it there on purpose, “Send again” sends it, and it is looked"
    " for anew."
)
MISSING = "Delivered to {name}, and not there any more when we looked."
NOWHERE = "It went nowhere: its offer had no destination when it came in. It is kept here."


def why(delivery: Delivery) -> str:
    """Say where a delivery is and why; needs the destination loaded."""
    destination = delivery.destination
    words = {
        "name": destination.name,
        "problem": destination.problem,
        "resume": destination.resume_at and _clock(destination.resume_at),
        "sentence": delivery.sentence,
        "attempts": delivery.attempts,
    }
    return _pattern(delivery).format(**words).strip()


def why_lead(deliveries: Sequence[Delivery]) -> str:
    """Say where a lead is and why: what landed in a few words, what did not in full; needs the destinations loaded."""
    if not deliveries:
        return NOWHERE
    landed = [delivery.destination.name for delivery in deliveries if standing(delivery) == Delivery.State.DELIVERED]
    others = [why(delivery) for delivery in deliveries if standing(delivery) != Delivery.State.DELIVERED]
    said = [f"Delivered to {_listed(landed)}."] if landed else []
    return " ".join(said + others)


def what_next(delivery: Delivery) -> str:
    """Say what comes next and when, and what would change it; needs the destination loaded."""
    name = delivery.destination.name
    if _parked(delivery):
        return f"It is being sent again: its turn comes when one has landed at {name}."
    if delivery.is_missing:
        return NEXT_OF_MISSING
    if delivery.state != Delivery.State.WAITING:
        return NEXT[Delivery.State(delivery.state)].format(name=name)
    if delivery.destination.state in NEXT_AT_PLACE:
        return NEXT_AT_PLACE[Destination.State(delivery.destination.state)].format(
            name=name, resume=_clock(max(delivery.destination.resume_at or timezone.now(), timezone.now()))
        )
    return _next_try(delivery)


def standing(delivery: Delivery) -> str:
    """Return the state to show: its own, that of the destination it waits for, or "missing" from where it landed.

    Needs the destination loaded.
    """
    if delivery.is_missing:
        return delivery.landing
    held_back = delivery.state == Delivery.State.WAITING and delivery.destination.state in HELD_BACK
    return delivery.destination.state if held_back else delivery.state


def next_try(delivery: Delivery) -> datetime | None:
    """Return when it is tried next, None where somebody must act first or nothing is left to do."""
    if delivery.state != Delivery.State.WAITING:
        return None
    place = delivery.destination
    if place.state == Destination.State.RESTING and place.resume_at:
        return max(place.resume_at, delivery.due_at)
    return delivery.due_at if place.state == Destination.State.ACTIVE else None


def _pattern(delivery: Delivery) -> str:
    if delivery.is_missing:
        return MISSING
    if delivery.state != Delivery.State.WAITING:
        return ENDED[Delivery.State(delivery.state)]
    held_back = HELD_BACK.get(Destination.State(delivery.destination.state))
    if held_back:
        return held_back
    if delivery.attempts:
        return f"Next try at {delivery.due_at:%Y-%m-%d %H:%M} UTC. {{sentence}}"
    return "In line for {name}."


def _next_try(delivery: Delivery) -> str:
    if delivery.due_at <= timezone.now():
        return "It goes out within seconds."
    left = len(retry.SCHEDULE) + 1 - delivery.attempts
    tries = "the last" if left == 1 else f"{left} are left"
    return f"It is tried at {_clock(delivery.due_at)}; {tries}. It would be sent at once if you pressed “Try now”."


def _parked(delivery: Delivery) -> bool:
    """Tell whether it waits for its turn in a replay."""
    stays = delivery.state in Delivery.STOPPED or delivery.is_missing
    if delivery.replay_id is None or delivery.put_back_at or not stays:
        return False
    return delivery.replay is not None and delivery.replay.state in Replay.OPEN


def _listed(names: Sequence[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def _clock(at: datetime) -> str:
    today = at.date() == timezone.now().date()
    return f"{at:%H:%M} UTC" if today else f"{at:%Y-%m-%d %H:%M} UTC"
