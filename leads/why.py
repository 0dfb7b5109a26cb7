"""Where a delivery is, and why, in one sentence."""

from __future__ import annotations

from datetime import datetime

from leads.models import Delivery, Destination

HELD_BACK = {
    Destination.State.HELD: "Waiting: {name} is held. {problem}",
    Destination.State.PAUSED: "Waiting: {name} is paused. It goes on when somebody resumes it.",
    Destination.State.RESTING: "Waiting: {name} rests until {resume:%H:%M} UTC. {problem}",
}
ENDED = {
    Delivery.State.DELIVERED: "Delivered to {name}.",
    Delivery.State.SENDING: "On its way to {name}.",
    Delivery.State.REJECTED: "Not taken by {name}. {sentence}",
    Delivery.State.UNCERTAIN: "It may or may not have reached {name}. {sentence} Decide whether to send it again.",
    Delivery.State.GAVE_UP: "Given up after {attempts} tries; it can be sent again. {sentence}",
    Delivery.State.WITHHELD: "Kept from {name}. {sentence}",
}


def why(delivery: Delivery) -> str:
    """Say where a delivery is and why; needs the destination loaded."""
    destination = delivery.destination
    words = {
        "name": destination.name,
        "problem": destination.problem,
        "resume": destination.resume_at,
        "sentence": delivery.sentence,
        "attempts": delivery.attempts,
    }
    return _pattern(delivery).format(**words).strip()


def standing(delivery: Delivery) -> str:
    """Return the state to show: its own, or that of the destination it waits for; needs the destination loaded."""
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
    if delivery.state != Delivery.State.WAITING:
        return ENDED[Delivery.State(delivery.state)]
    held_back = HELD_BACK.get(Destination.State(delivery.destination.state))
    if held_back:
        return held_back
    if delivery.attempts:
        return f"Next try at {delivery.due_at:%Y-%m-%d %H:%M} UTC. {{sentence}}"
    return "In line for {name}."
