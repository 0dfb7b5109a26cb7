"""What the demo's customers did over the last sixty days: the same people each time, up to the present moment."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from leads.intake import Contact, Event
from leads.models import Offer
from leads.taxonomy import BUTTONS, Action, Source, Stage, Storefront, meaning
from portal.demo import customers

DAYS = 60
WEEK = (1.0, 1.1, 1.15, 1.05, 0.8, 0.25, 0.2)
"""How busy each day of the week is, from Monday."""
ENTRY = {Stage.TEST_DRIVE: 0.72, Stage.INITIAL_INTEREST: 0.2, Stage.ACTIVE: 0.08}
"""Where customers begin."""
ONWARD = {Stage.TEST_DRIVE: 0.42, Stage.INITIAL_INTEREST: 0.43, Stage.ACTIVE: 0.0}
"""Which part of those at a stage goes on to the next."""
AGAIN, ELSEWHERE, REFUSES, CROSS_LISTED, CAMPAIGN = 0.14, 0.12, 0.015, 0.03, 0.2
"""How many do the same twice, know this publisher, withhold consent, are cross-listed, came by a campaign."""


class History:
    """Draws customers and their acts from one seed."""

    def __init__(self, now: datetime, seed: int = 2018) -> None:
        self.now = now
        self.random = Random(seed)  # noqa: S311 - a story, not a secret
        self.people: dict[int, list[Contact]] = {}

    def of(self, offer: Offer, customers: int) -> list[Event]:
        """Tell what this many customers did about an offer, in order."""
        told = [event for _ in range(customers) for event in self._customer(offer)]
        past = [event for event in told if event.received_at and event.received_at < self.now]
        return sorted(past, key=lambda event: (event.received_at, event.contact.email))

    def _customer(self, offer: Offer) -> Iterator[Event]:
        storefront = Storefront(self.random.choice(offer.storefronts))
        contact = self._person(offer.publisher_id)
        for stage, at in self._path():
            yield self._act(offer, storefront, stage, contact, at)
            if self._happens(AGAIN):
                yield self._act(offer, storefront, stage, contact, at + self._while(0.3))
        if storefront is Storefront.APPSOURCE and self._happens(CROSS_LISTED):
            yield self._cross_listed(offer, contact)

    def _path(self) -> Iterator[tuple[Stage, datetime]]:
        at = self._moment()
        stage = self.random.choices(list(ENTRY), list(ENTRY.values()))[0]
        yield stage, at
        while self._happens(ONWARD[stage]):
            stage, at = Stage(stage + 1), at + self._while(2.5)
            yield stage, at

    def _act(self, offer: Offer, storefront: Storefront, stage: Stage, contact: Contact, at: datetime) -> Event:
        source, action = button(storefront, stage)
        campaign = {"mktcmpid": self.random.choice(customers.CAMPAIGNS)} if self._happens(CAMPAIGN) else {}
        notes = self.random.choice(customers.NOTES) if action is Action.PARTNER_LED_TRIAL else ""
        agrees = not self._happens(REFUSES) if action is Action.INSTALL else True
        return Event(
            offer=offer,
            source=source,
            action=action,
            contact=contact,
            description=notes or (json.dumps(campaign) if campaign else ""),
            consent=agrees if action in (Action.INSTALL, Action.PARTNER_LED_TRIAL) else None,
            extra=campaign,
            storefront=storefront,
            received_at=at,
        )

    def _cross_listed(self, offer: Offer, contact: Contact) -> Event:
        source, action = Source.APPSOURCE, Action.DO_NOT_CONTACT
        return Event(offer=offer, source=source, action=action, contact=contact, received_at=self._moment())

    def _person(self, publisher_id: int) -> Contact:
        known = self.people.setdefault(publisher_id, [])
        if known and self._happens(ELSEWHERE):
            return self.random.choice(known)
        known.append(self._newcomer(len(known) + 1))
        return known[-1]

    def _newcomer(self, number: int) -> Contact:
        draw = self.random.choice
        first, company = draw(customers.FIRST_NAMES), draw(customers.COMPANIES)
        return Contact(
            first_name=first,
            last_name=f"{draw(customers.LAST_NAMES)} {number:04}",
            email=f"{first.lower()}.{number:04}@{company.lower().replace(' ', '-')}.example",
            phone=f"+1 555 01{number % 100:02}" if self._happens(0.6) else "",
            country=draw(customers.COUNTRIES),
            company=company,
            title=draw(customers.TITLES),
        )

    def _moment(self) -> datetime:
        """Draw a time of the last sixty days: more of them lately, on working days and around noon."""
        days = [self.now - timedelta(days=back) for back in range(DAYS)]
        weights = [WEEK[day.weekday()] * (1 - 0.5 * back / DAYS) for back, day in enumerate(days)]
        day = self.random.choices(days, weights)[0].replace(hour=0, minute=0, second=0, microsecond=0)
        return day + timedelta(hours=self.random.triangular(5, 22, 13))

    def _while(self, days: float) -> timedelta:
        return timedelta(days=self.random.expovariate(1 / days))

    def _happens(self, chance: float) -> bool:
        return self.random.random() < chance


def button(storefront: Storefront, stage: Stage) -> tuple[Source, Action]:
    """Find the button that leads to a stage on a storefront."""
    return next(each for each in BUTTONS[storefront] if meaning(*each).stage is stage)
