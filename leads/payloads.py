"""From a lead's row to what a connector sees."""

from __future__ import annotations

from django.utils import timezone

from connectors.base import LeadPayload
from leads.models import Lead


def payload(lead: Lead) -> LeadPayload:
    """Copy a lead for a connector; needs offer, publisher and customer loaded."""
    return LeadPayload(
        id=str(lead.pk),
        offer_id=lead.offer.full_id if lead.offer else f"{lead.publisher.slug}.test",
        offer_title=lead.offer.title if lead.offer else "Test offer",
        source=lead.source,
        action=lead.action,
        received_at=lead.received_at,
        first_name=lead.first_name,
        last_name=lead.last_name,
        email=lead.email,
        phone=lead.phone,
        country=lead.country,
        company=lead.company,
        title=lead.title,
        description=lead.description,
        extra=lead.extra,
        do_not_contact=lead.customer.do_not_contact if lead.customer else False,
        is_test=lead.kind == Lead.Kind.TEST,
        is_preview=lead.kind == Lead.Kind.PREVIEW,
    )


def sample(publisher: str) -> LeadPayload:
    """Make up the lead that previews show."""
    return LeadPayload(
        id="0193f3c0-0000-7000-8000-000000000000",
        offer_id=f"{publisher}.sample",
        offer_title="Sample offer",
        source="AzureMarketplace",
        action="INS",
        received_at=timezone.now(),
        first_name="Some",
        last_name="One",
        email="someone@example.com",
        phone="16175555555",
        country="US",
        company="Example Company",
        title="Buyer",
        description="Sample",
        is_test=True,
    )
