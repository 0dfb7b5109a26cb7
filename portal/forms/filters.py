"""The filters of the lists of leads and deliveries, as they stand in a page's address."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from django.db.models import QuerySet
from django.http import QueryDict

from leads.filters import STATES, DeliveryFilter, LeadFilter
from leads.models import Destination, Lead, Offer
from leads.states import LeadState
from leads.taxonomy import Source, Stage, Storefront
from portal.forms import filtering
from portal.forms.filtering import FilterForm


class LeadFilterForm(FilterForm):
    more = ("source", "storefront", "kind", "country", "since", "until")

    q = filtering.text("Search", "E-mail, name or company")
    offer = filtering.choice("Offer")
    stage = filtering.choice("Stage", [(value, label.capitalize()) for value, label in Stage.choices], number=True)
    state = filtering.choice("Where it is", LeadState.choices)
    source = filtering.choice("Source", Source.choices)
    storefront = filtering.choice("Storefront", Storefront.choices)
    kind = filtering.choice("Kind", Lead.Kind.choices)
    country = filtering.text("Country", "As sent, such as US")
    since = filtering.day("Since")
    until = filtering.day("Until")

    def __init__(self, asked: QueryDict, offers: QuerySet[Offer]) -> None:
        super().__init__(asked, offer=names(offers))

    def filter(self) -> LeadFilter:
        since, until = self.given.get("since"), self.given.get("until")
        return LeadFilter(
            **self.given | {"since": since and midnight(since), "until": until and midnight(until + timedelta(days=1))}
        )


class DeliveryFilterForm(FilterForm):
    state = filtering.choice("State", STATES)
    destination = filtering.choice("Destination", number=True)
    offer = filtering.choice("Offer")
    cause = filtering.text("Cause", "Such as http-503")
    since = filtering.day("Since")

    def __init__(self, asked: QueryDict, offers: QuerySet[Offer], destinations: QuerySet[Destination]) -> None:
        places = destinations.order_by("name").values_list("pk", "name")
        super().__init__(asked, offer=names(offers), destination=list(places))

    def filter(self) -> DeliveryFilter:
        since = self.given.get("since")
        return DeliveryFilter(**self.given | {"since": since and midnight(since)})


def names(offers: QuerySet[Offer]) -> list[tuple[str, str]]:
    """List a publisher's offers as choices."""
    return [(offer.full_id, offer.title) for offer in offers.order_by("title", "pk")]


def midnight(day: date) -> datetime:
    """Return the start of a day, in UTC."""
    return datetime.combine(day, time(), UTC)
