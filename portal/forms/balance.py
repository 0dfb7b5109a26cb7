"""Which leads the balance page counts, as it stands in the page's address."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone

from leads.filters import LeadFilter
from leads.models import Offer
from portal.forms import filtering
from portal.forms.filtering import FilterForm
from portal.forms.filters import midnight, names

DAYS = 30
LONGEST = 366


class BalanceForm(FilterForm):
    """An offer or all; a period of at most a year in UTC, the last 30 days where none is given."""

    offer = filtering.choice("Offer")
    since = filtering.day("Since")
    until = filtering.day("Until")

    def __init__(self, asked: QueryDict, offers: QuerySet[Offer]) -> None:
        super().__init__(asked, offer=names(offers))

    def clean(self) -> dict[str, Any]:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and until < since:
            self.add_error("until", "It must not be before since.")
        elif since and (until or timezone.now().date()) - since > timedelta(days=LONGEST):
            self.add_error("since", f"It must be at most {LONGEST} days before the end.")
        return self.cleaned_data

    @property
    def since_day(self) -> date:
        given: date | None = self.given.get("since")
        return given or (self.until_day or timezone.now().date()) - timedelta(days=DAYS)

    @property
    def until_day(self) -> date | None:
        return self.given.get("until")

    def filter(self) -> LeadFilter:
        until = midnight(self.until_day + timedelta(days=1)) if self.until_day else None
        return LeadFilter(offer=self.given.get("offer", ""), since=midnight(self.since_day), until=until)

    def words(self) -> dict[str, str]:
        """Say the same as the filters of a list, in the words of its address."""
        offer = {"offer": self.given["offer"]} if "offer" in self.given else {}
        until = {"until": self.until_day.isoformat()} if self.until_day else {}
        return offer | {"since": self.since_day.isoformat()} | until
