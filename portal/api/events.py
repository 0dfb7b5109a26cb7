"""From a lead as it was sent to the event that the domain takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from leads import taxonomy
from leads.intake import Contact, Event
from leads.models import ApiKey, Offer
from leads.taxonomy import Action, Source, Storefront
from portal.api.problems import Problem
from portal.api.shapes.sent_leads import LeadIn, UserDetailsIn


@dataclass(frozen=True, slots=True)
class Act:
    """What was done, and about which offer (its full id)."""

    source: Source
    action: Action
    full_id: str
    storefront: Storefront | None


def read_act(lead: LeadIn) -> Act:
    """Read what was done, from three fields or from one that says all; Problem or UnknownWord names the field."""
    whole = taxonomy.split_lead_source(lead.lead_source)
    source, action, full_id = whole or (lead.lead_source, lead.action_code, lead.offer_id)
    if full_id is None:
        raise Problem.at("OfferId", "OfferId is required, unless LeadSource is Source-Action|Offer.")
    if action is None:
        raise Problem.at("ActionCode", "ActionCode is required, unless LeadSource is Source-Action|Offer.")
    if whole:
        _agree(lead, action, full_id)
    return _meant(taxonomy.read_source(source), taxonomy.read_action(action), full_id, lead.storefront)


def event(lead: LeadIn, act: Act, offers: Mapping[str, Offer], key: ApiKey, idempotency_key: str | None) -> Event:
    """Put the event together; Problem for an offer that ``offers``, by full id, does not hold."""
    offer = offers.get(normalised(act.full_id))
    if offer is None:
        raise Problem.at("OfferId", "OfferId must be the full id of an offer, such as contoso.crm.")
    return Event(
        offer=offer,
        source=act.source,
        action=act.action,
        contact=_contact(lead.user_details),
        description=lead.description or "",
        consent=lead.consent,
        extra=lead.extra or {},
        storefront=act.storefront,
        key_id=key.pk,
        idempotency_key=idempotency_key,
    )


def normalised(full_id: str) -> str:
    """Write a full id as offers have it."""
    return full_id.strip().lower()


def _agree(lead: LeadIn, action: str, full_id: str) -> None:
    if lead.offer_id is not None and normalised(lead.offer_id) != normalised(full_id):
        raise Problem.at("OfferId", "OfferId must be the offer that LeadSource names.")
    if lead.action_code is not None and lead.action_code.strip().lower() != action.lower():
        raise Problem.at("ActionCode", "ActionCode must be the action that LeadSource names.")


def _meant(source: Source, action: Action, full_id: str, storefront: str | None) -> Act:
    implied = taxonomy.meaning(source, action).storefront
    told = Storefront(storefront) if storefront else None
    if implied and told and told is not implied:
        raise Problem.at("Storefront", f"Storefront for this LeadSource and ActionCode must be {implied.value}.")
    return Act(source, action, full_id, told)


def _contact(person: UserDetailsIn) -> Contact:
    return Contact(
        email=person.email,
        first_name=person.first_name or "",
        last_name=person.last_name or "",
        phone=person.phone or "",
        country=person.country or "",
        company=person.company or "",
        title=person.title or "",
    )
