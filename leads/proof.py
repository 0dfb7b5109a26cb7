"""How sure it is that what was delivered has landed, in words."""

from __future__ import annotations

from leads.models import Delivery

Landing = Delivery.Landing

SENTENCES = {
    "": "Not looked for there yet; every night some of the newest are.",
    Landing.LANDED: "We looked for it there, and it is there.",
    Landing.MERGED: "We looked for it there: it was merged into another record.",
    Landing.MISSING: "We looked for it there, and it is not there any more. Was it deleted on purpose?",
    Landing.UNPROVABLE: "{name} cannot be asked what became of it, so its answer is all the proof there is.",
}


GONE_THEN = "We looked for it there, and it was not there any more. It was sent again since."


def proof(delivery: Delivery) -> str:
    """Say of what was delivered how sure it is that it landed; needs the destination loaded."""
    unread = "" if delivery.destination.provable else Landing.UNPROVABLE
    return SENTENCES[delivery.landing or unread].format(name=delivery.destination.name)
