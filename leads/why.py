"""Where a delivery is, and why, in one sentence."""

from __future__ import annotations

from leads.models import Delivery, Destination

HELD_BACK = {
    Destination.State.HELD: "Waiting: {name} is held. {problem}",
    Destination.State.PAUSED: "Waiting: {name} is paused. It goes on when somebody resumes it.",
    Destination.State.RESTING: "Waiting: {name} rests until {resume:%H:%M} UTC. {problem}",
}
ENDED = {
    Delivery.State.DELIVERED: "Delivered to {name}.",
    Delivery.State.SENDING: "On its way to {name}.",
    Delivery.State.REJECTED: "{name} refused this lead. {sentence}",
    Delivery.State.UNCERTAIN: "This lead may or may not have reached {name}. {sentence} Decide whether to send it again.",
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


def _pattern(delivery: Delivery) -> str:
    if delivery.state != Delivery.State.WAITING:
        return ENDED[Delivery.State(delivery.state)]
    held_back = HELD_BACK.get(Destination.State(delivery.destination.state))
    if held_back:
        return held_back
    if delivery.attempts:
        return f"Next try at {delivery.due_at:%Y-%m-%d %H:%M} UTC. {{sentence}}"
    return "In line for {name}."
