"""What is sent where without any mapping, by the names of Marketo's REST API."""

from __future__ import annotations

from connectors.marketo.schema import Field, Schema

KEY = "email"
"""By this Marketo knows a person."""
FLAGS = ("unsubscribed", "doNotCall")
"""Set where the customer must not be contacted, and never taken back by us."""
RESERVED = frozenset((KEY, "id", "cookies", "partitionName", "mktToken", *FLAGS))

DEFAULTS = {
    KEY: "{Email}",
    "firstName": "{FirstName}",
    "lastName": "{LastName}",
    "phone": "{Phone}",
    "country": "{Country}",
    "company": "{Company}",
    "title": "{Title}",
    "leadSource": "{LeadSource}-{ActionCode}|{OfferTitle}",
}

COMPANY = frozenset(
    (
        *("company", "site", "website", "mainPhone", "industry", "sicCode", "annualRevenue", "numberOfEmployees"),
        *("billingStreet", "billingCity", "billingState", "billingPostalCode", "billingCountry"),
    )
)
"""Fields of the company, which all its people share."""

_TYPES = {KEY: "email", "phone": "phone"}

STANDARD = Schema(
    {
        **{name: Field(name=name, label=name, type=_TYPES.get(name, "string")) for name in DEFAULTS},
        **{name: Field(name=name, label=name, type="boolean") for name in FLAGS},
    }
)
"""Fields that every subscription has, for as long as its own are not known."""
