"""What each button of an offer says to a customer."""

from __future__ import annotations

from dataclasses import dataclass

from leads.models import Offer
from leads.taxonomy import Action


@dataclass(frozen=True, slots=True)
class Words:
    """What a button says; ``{offer}`` and ``{publisher}`` stand for their names."""

    promise: str
    send: str
    then: str
    terms: str = ""
    """What pressing the button agrees to, where no tick is asked for."""
    consent: str = ""
    """What the required tick agrees to."""


WORDS = {
    Action.START_TEST_DRIVE: Words(
        promise="Try {offer} in an environment that is set up for you.",
        send="Start the test drive",
        then="Your test drive of {offer} is on its way. {publisher} knows that you are trying it and can help.",
        terms="By starting the test drive you let {publisher} have these details to run it and to help you with it.",
    ),
    Action.INSTALL: Words(
        promise="Tell {publisher} that you want {offer}, and get started.",
        send="Get it now",
        then="{publisher} has your details and tells you how to get started with {offer}.",
        consent="I agree that {publisher} receives these details and may contact me about {offer}.",
    ),
    Action.CREATE: Words(
        promise="Buy {offer} and deploy it to your account.",
        send="Purchase",
        then="{offer} is being added to your account. {publisher} has your details and helps you to deploy it.",
        terms="By purchasing you let {publisher} have these details to deploy {offer} and to support you.",
    ),
    Action.PARTNER_LED_TRIAL: Words(
        promise="Ask {publisher} to get in touch with you.",
        send="Contact me",
        then="{publisher} has your request and gets in touch at the address you gave.",
        consent="I agree that {publisher} receives these details and my notes, and contacts me about {offer}.",
    ),
}


def said(words: Words, offer: Offer) -> Words:
    """Fill in the names of the offer and its publisher."""
    names = {"offer": offer.title, "publisher": offer.publisher.name}
    return Words(**{key: getattr(words, key).format(**names) for key in Words.__slots__})
