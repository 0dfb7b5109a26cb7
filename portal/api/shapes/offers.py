"""Offers and their publication."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from leads.models import Offer, Publication, PublicationStep
from portal.api.shapes.common import Id, Listing, Sendable, StorefrontName, longest

Title = Annotated[
    str, StringConstraints(strip_whitespace=True), Field(min_length=1, max_length=longest(Offer, "title"))
]
Summary = Annotated[str, Field(max_length=longest(Offer, "summary"))]
Storefronts = Annotated[list[StorefrontName], Field(min_length=1, max_length=2)]
DestinationIds = Annotated[list[Id], Field(max_length=100, description="Where its leads go; may be empty.")]
Status = Literal["draft", "publishing", "preview", "live"]


class OfferIn(Sendable):
    """An offer to register. Its id never changes, because leads carry it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "offer_id": "crm",
                    "title": "Contoso CRM",
                    "storefronts": ["azure_marketplace", "appsource"],
                    "destinations": [1],
                }
            ]
        }
    )

    offer_id: Annotated[str, Field(max_length=50, description="3 to 50 of a-z, 0-9, - and _.")]
    title: Title
    summary: Summary = ""
    storefronts: Storefronts
    destinations: DestinationIds = Field(default_factory=list)


class OfferChangesIn(Sendable):
    """What is to change; what is left out stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"title": "Contoso CRM 2", "destinations": [1, 2]}]})

    title: Title = ""
    summary: Summary = ""
    storefronts: Storefronts = Field(default_factory=list)
    destinations: DestinationIds = Field(default_factory=list)


class OfferOut(BaseModel):
    full_id: str
    offer_id: str
    title: str
    summary: str
    storefronts: list[StorefrontName]
    status: Status
    destinations: list[int]
    created_at: datetime

    @classmethod
    def of(cls, offer: Offer) -> Self:
        """Show an offer; needs routes loaded, or loads them."""
        return cls.model_validate(
            {name: getattr(offer, name) for name in cls.model_fields if name != "destinations"}
            | {"destinations": sorted(route.destination_id for route in offer.routes.all())}
        )


class OfferListing(Listing[OfferOut]):
    """Offers, newest first."""


class StepOut(BaseModel):
    position: int
    kind: Literal["check", "test_lead", "preview"]
    title: str
    destination: int | None
    state: Literal["pending", "running", "passed", "failed"]
    sentence: str
    fix: str
    started_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, step: PublicationStep) -> Self:
        shown: dict[str, Any] = {name: getattr(step, name) for name in cls.model_fields if name != "destination"}
        return cls.model_validate(shown | {"destination": step.destination_id})


class PublicationOut(BaseModel):
    """One press of Publish and how far it has come. The steps run by themselves; ask again to see them move."""

    status: Status = Field(description="Of the offer, now.")
    started_at: datetime
    finished_at: datetime | None
    steps: list[StepOut]

    @classmethod
    def of(cls, publication: Publication) -> Self:
        return cls.model_validate(
            {
                "status": publication.offer.status,
                "started_at": publication.started_at,
                "finished_at": publication.finished_at,
                "steps": [StepOut.of(step) for step in publication.steps.select_related("destination")],
            }
        )
