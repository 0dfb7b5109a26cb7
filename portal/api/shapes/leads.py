"""A lead as it is shown."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, Field

from leads.models import Delivery, Lead
from leads.timeline import Moment, timeline
from leads.why import what_next, why, why_lead
from portal.api.shapes.accepted import stage_name
from portal.api.shapes.common import Kind, Listing, StageName, StorefrontName, Wire
from portal.api.shapes.deliveries import AttemptOut


class UserDetailsOut(Wire):
    first_name: str
    last_name: str
    email: str
    phone: str
    country: str
    company: str
    title: str


class LeadDeliveryOut(BaseModel):
    """Where one lead is at one destination, and why."""

    id: int
    destination: int
    destination_name: str
    state: str
    why: str

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        return cls(
            id=delivery.pk,
            destination=delivery.destination_id,
            destination_name=delivery.destination.name,
            state=delivery.state,
            why=why(delivery),
        )


class LeadOut(Wire):
    """A lead and where it is."""

    lead_id: UUID
    kind: Kind
    offer_id: str | None
    offer_title: str | None
    lead_source: str
    action_code: str
    stage: StageName | None
    storefront: StorefrontName | None
    user_details: UserDetailsOut
    description: str
    consent: bool | None
    extra: dict[str, Any]
    received_at: datetime
    customer_id: int | None
    do_not_contact: bool
    deliveries: list[LeadDeliveryOut]

    @classmethod
    def of(cls, lead: Lead) -> Self:
        """Show a lead; needs offer, customer, deliveries and their destinations loaded."""
        return cls.model_validate(
            {
                "lead_id": lead.pk,
                "kind": lead.kind,
                "offer_id": lead.offer and lead.offer.full_id,
                "offer_title": lead.offer and lead.offer.title,
                "lead_source": lead.source,
                "action_code": lead.action,
                "stage": stage_name(lead.stage),
                "storefront": lead.storefront or None,
                "user_details": {name: getattr(lead, name) for name in UserDetailsOut.model_fields},
                "description": lead.description,
                "consent": lead.consent,
                "extra": lead.extra,
                "received_at": lead.received_at,
                "customer_id": lead.customer_id,
                "do_not_contact": bool(lead.customer and lead.customer.do_not_contact),
                "deliveries": [LeadDeliveryOut.of(delivery) for delivery in lead.deliveries.all()],
            }
        )


class MomentOut(BaseModel):
    """Something that happened to a lead, or is `to_come`; with a try, what the target answered."""

    at: datetime
    what: str
    note: str
    url: str
    to_come: bool
    attempt: AttemptOut | None

    @classmethod
    def of(cls, moment: Moment) -> Self:
        told = {name: getattr(moment, name) for name in cls.model_fields}
        return cls.model_validate(told | {"attempt": moment.attempt and AttemptOut.of(moment.attempt)})


class LeadWithStoryOut(LeadOut):
    """A lead, where it is, and what happened to it."""

    why: str
    next: list[str] = Field(description="What comes next at each destination, and what would change it.")
    timeline: list[MomentOut]

    @classmethod
    def telling(cls, lead: Lead) -> Self:
        """Show a lead with its story; needs what ``leads.timeline.with_story`` loads."""
        deliveries = list(lead.deliveries.all())
        story = {
            "why": why_lead(deliveries),
            "next": [said for said in map(what_next, deliveries) if said],
            "timeline": [MomentOut.of(moment) for moment in timeline(lead, deliveries)],
        }
        return cls.model_validate(LeadOut.of(lead).model_dump() | story)


class LeadListing(Listing[LeadOut]):
    """Leads, newest first."""
