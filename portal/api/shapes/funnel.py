"""The funnel of an offer."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Self

from pydantic import BaseModel, Field

from leads.filters import LeadFilter
from leads.funnel import Funnel, StageCount
from portal.api.shapes.accepted import stage_name
from portal.api.shapes.common import StageName, StorefrontName, Text
from portal.api.shapes.queries import OfferName, Since, Until


class FunnelQuery(BaseModel):
    offer: OfferName
    since: Since | None = None
    until: Until | None = None
    storefront: StorefrontName | None = None
    country: Annotated[Text, Field(description="As it was sent, such as `US`.")] = ""

    def filter(self, full_id: str) -> LeadFilter:
        return LeadFilter(
            offer=full_id,
            since=self.since,
            until=self.until,
            storefront=self.storefront or "",
            country=self.country,
        )


class StageOut(BaseModel):
    stage: StageName
    customers: int
    leads: int
    entered: int = Field(description="Customers who began here.")
    came: int = Field(description="Customers who had been at the stage before.")
    share: float | None = Field(description="Part of the stage before that came on, 0 to 1; null where none was there.")

    @classmethod
    def of(cls, counted: StageCount) -> Self:
        return cls.model_validate(asdict(counted) | {"stage": stage_name(counted.stage)})


class FunnelOut(BaseModel):
    """Customers and leads at each stage. Previews and tests are counted apart, what has no stage not at all."""

    offer: str
    customers: int
    leads: int
    stages: list[StageOut]
    conversion: float | None = Field(description="Part of all customers who became active, 0 to 1.")
    preview_leads: int
    test_leads: int

    @classmethod
    def of(cls, offer: str, counted: Funnel, apart: dict[str, int]) -> Self:
        return cls(
            offer=offer,
            customers=counted.customers,
            leads=counted.leads,
            stages=[StageOut.of(stage) for stage in counted.stages],
            conversion=counted.conversion,
            preview_leads=apart["preview"],
            test_leads=apart["test"],
        )
