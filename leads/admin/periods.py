"""Which leads a funnel's page counts: a period, a storefront and a country, from the page's address."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from django import forms

from leads.comparison import Period
from leads.filters import days_ago
from leads.funnel import Market
from leads.taxonomy import Storefront

USUAL = "30"
DAYS = {"7": "7 days", USUAL: "30 days", "90": "90 days", "all": "All time"}


class PeriodForm(forms.Form):
    """What is not given, or given wrongly, is the usual; the page says what was wrong."""

    days = forms.ChoiceField(choices=list(DAYS.items()), required=False)
    since = forms.DateField(
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Since must be a date such as 2026-01-31."},
    )
    until = forms.DateField(
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Until must be a date such as 2026-01-31."},
    )
    storefront = forms.ChoiceField(choices=[("", "Both storefronts"), *Storefront.choices], required=False)
    country = forms.CharField(
        max_length=100, required=False, widget=forms.TextInput(attrs={"placeholder": "As sent, such as US", "size": 16})
    )

    def clean(self) -> dict[str, object]:
        cleaned = self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", "Until must not be before since.")
        return cleaned

    def market(self) -> Market:
        """Return storefront and country."""
        given = self.cleaned_data if self.is_valid() else {}
        return Market(storefront=given.get("storefront") or "", country=given.get("country") or "")

    def period(self) -> Period:
        """Return the period."""
        given = self.cleaned_data if self.is_valid() else {}
        if given.get("since") or given.get("until"):
            return Period(_start(given.get("since")), _start(given.get("until"), after=1))
        days = given.get("days") or USUAL
        return Period(None if days == "all" else days_ago(int(days)))

    @property
    def days_chosen(self) -> str:
        """Name the chip that is on; ``""`` with dates of one's own."""
        given = self.cleaned_data if self.is_valid() else {}
        own = given.get("since") or given.get("until")
        return "" if own else str(given.get("days") or USUAL)


def _start(day: date | None, after: int = 0) -> datetime | None:
    return None if day is None else datetime.combine(day, time.min, UTC) + timedelta(days=after)
