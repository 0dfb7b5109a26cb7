"""The balance of the books."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from typing import Self
from uuid import UUID

from django.db.models import QuerySet
from pydantic import BaseModel, Field

from leads.audit import Books, Finding
from leads.balance import Balance, Sheet
from leads.filters import LeadFilter
from leads.models import Lead, Offer
from portal.api.shapes.queries import OfferName, Since, Until


class BalanceQuery(BaseModel):
    offer: OfferName = ""
    since: Since | None = None
    until: Until | None = None

    def filter(self, full_id: str) -> LeadFilter:
        return LeadFilter(offer=full_id, since=self.since, until=self.until)


class SumOut(BaseModel):
    """Leads by where they are. Each is counted once, where it most needs somebody."""

    received: int
    delivered: int
    waiting: int
    held: int
    rejected: int
    uncertain: int
    gave_up: int
    withheld: int
    kept: int = Field(description="Of an offer without a destination.")
    adds_up: bool


class LineOut(SumOut):
    """What one offer's customers sent on one day, in UTC."""

    offer: str
    day: date


class FindingOut(BaseModel):
    """Leads that cannot be as the books have them: a fault of ours."""

    name: str
    sentence: str
    count: int
    leads: list[UUID] = Field(description="The newest of them.")

    @classmethod
    def of(cls, finding: Finding) -> Self:
        return cls(name=finding.name, sentence=finding.sentence, count=finding.count, leads=finding.leads)


class BalanceOut(SumOut):
    """Live leads; previews and tests stand apart. What is null needs `since`."""

    balanced: bool | None = Field(None, description="It adds up, and nothing was found that cannot be.")
    findings: list[FindingOut] | None = None
    days: list[LineOut] | None = Field(None, description="By day, newest first, and offer.")
    preview: SumOut | None = None
    test: SumOut | None = None

    @classmethod
    def of(cls, found: Balance) -> Self:
        return cls.model_validate(_sum(found))

    @classmethod
    def drawn_up(cls, books: Books, offers: QuerySet[Offer]) -> Self:
        """Show books by day and offer; ``offers`` are those that may be named."""
        apart = {kind: _sum(books.sheet.total(kind)) for kind in (Lead.Kind.PREVIEW, Lead.Kind.TEST)}
        return cls.model_validate(
            _sum(books.sheet.total())
            | {"balanced": books.balanced, "findings": [FindingOut.of(finding) for finding in books.findings]}
            | {"days": list(_lines(books.sheet, {offer.pk: offer.full_id for offer in offers}))}
            | apart
        )


def _sum(found: Balance) -> dict[str, object]:
    return asdict(found) | {"adds_up": found.adds_up}


def _lines(sheet: Sheet, names: dict[int, str]) -> Iterator[LineOut]:
    for day in sheet.by_day():
        for whose, found in sorted(sheet.of_day(day).items(), key=lambda item: names[item[0] or 0]):
            yield LineOut.model_validate(_sum(found) | {"day": day, "offer": names[whose or 0]})
