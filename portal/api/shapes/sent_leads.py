"""A lead as it is sent."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field
from pydantic.alias_generators import to_pascal
from pydantic.config import JsonDict
from pydantic_core import to_json

from leads.intake import normalise_email
from leads.models import Lead
from portal.api.shapes.common import Sendable, StorefrontName, longest

EMAIL = re.compile(
    r"""[^\s@<>()\[\],;:"\\\x00-\x1f\x7f]+@[^\s@.<>()\[\],;:"\\\x00-\x1f\x7f]+(\.[^\s@.<>()\[\],;:"\\\x00-\x1f\x7f]+)+"""
)
LONGEST_EMAIL = longest(Lead, "email")
LONGEST_DESCRIPTION = 10_000
LARGEST_EXTRA = 16 * 1024

VISIBLE = re.compile(r"[\x21-\x7e]{1,255}")

EXAMPLE: JsonDict = {
    "OfferId": "contoso.crm",
    "LeadSource": "AzureMarketplace",
    "ActionCode": "INS",
    "UserDetails": {
        "FirstName": "Some",
        "LastName": "One",
        "Email": "someone@example.com",
        "Phone": "16175555555",
        "Country": "US",
        "Company": "Example Company",
        "Title": "Buyer",
    },
    "Description": "Would like to hear about the yearly plan.",
    "Consent": True,
    "Extra": {"campaign": "spring"},
}


def _well_formed(email: str) -> str:
    if not EMAIL.fullmatch(email.strip()):
        raise ValueError("must be an address such as someone@example.com.")
    # Lower case can be longer than what it was made from.
    if len(normalise_email(email)) > LONGEST_EMAIL:
        raise ValueError(f"may have at most {LONGEST_EMAIL} characters.")
    return email


def _small(extra: dict[str, Any] | None) -> dict[str, Any] | None:
    if len(to_json(extra)) > LARGEST_EXTRA:
        raise ValueError(f"may have at most {LARGEST_EXTRA:,} bytes, written as JSON.")
    return extra


def _visible(key: str) -> str:
    if not VISIBLE.fullmatch(key):
        raise ValueError("must be 1 to 255 visible ASCII characters.")
    return key


IdempotencyKey = Annotated[str, AfterValidator(_visible)]


class SentWire(Sendable):
    model_config = ConfigDict(alias_generator=to_pascal)


class UserDetailsIn(SentWire):
    """The customer. All but the e-mail may be missing; all is kept as sent."""

    first_name: str | None = Field(None, max_length=longest(Lead, "first_name"))
    last_name: str | None = Field(None, max_length=longest(Lead, "last_name"))
    email: Annotated[str, Field(max_length=LONGEST_EMAIL), AfterValidator(_well_formed)]
    phone: str | None = Field(None, max_length=longest(Lead, "phone"))
    country: str | None = Field(None, max_length=longest(Lead, "country"))
    company: str | None = Field(None, max_length=longest(Lead, "company"))
    title: str | None = Field(None, max_length=longest(Lead, "title"))


class LeadIn(SentWire):
    """One thing that a customer did about one offer."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    offer_id: str | None = Field(None, max_length=110, description="Full id, `publisher.offer`.")
    lead_source: str = Field(
        max_length=200,
        description="`AzureMarketplace`, `AzurePortal`, `TestDrive` or `SPZA` (also `AppSource`, `AppSource (SPZA)`); "
        "or the whole `Source-Action|Offer`, and then OfferId and ActionCode may be left out.",
    )
    action_code: str | None = Field(None, max_length=50, description="`INS`, `PLT`, `DNC`, `Create`, `StartTestDrive`.")
    user_details: UserDetailsIn
    description: str | None = Field(None, max_length=LONGEST_DESCRIPTION)
    consent: bool | None = Field(
        None, description="false: the lead is counted and kept from every destination. null: the sender vouches for it."
    )
    extra: Annotated[dict[str, Any] | None, AfterValidator(_small)] = Field(
        None, description="Data of your own, at most 16 kB; destinations can map it."
    )
    storefront: StorefrontName | None = Field(None, description="Tells where a test drive was started.")


class BatchLineIn(LeadIn):
    idempotency_key: IdempotencyKey | None = None
