"""Taking many leads at once, without the site."""

from __future__ import annotations

from leads import intake
from leads.intake import Contact, Event
from leads.models import Offer
from leads.taxonomy import Action, Source


def accept(offer: Offer, number: int) -> set[str]:
    """Take leads, five hundred at a time; return their ids."""
    contacts = [Contact(email=f"{offer.offer_id}-{n}@example.com") for n in range(number)]
    events = [Event(offer=offer, source=Source.APPSOURCE, action=Action.INSTALL, contact=each) for each in contacts]
    batches = [events[start : start + 500] for start in range(0, number, 500)]
    return {str(received.lead_id) for batch in batches for received in intake.receive_many(batch)}
