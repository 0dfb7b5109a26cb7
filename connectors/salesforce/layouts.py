"""What is sent where without any mapping, in the REST API's names and in those of a Web-to-Lead form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.salesforce.schema import Field, Schema

_SOURCE = "{LeadSource}-{ActionCode}|{OfferTitle}"
"""What publishers' existing reports and assignment rules read."""


@dataclass(frozen=True, slots=True)
class Layout:
    """``flags`` say that the customer must not be contacted; ``standard`` are the lengths every organization has."""

    defaults: Mapping[str, str]
    last_name: str
    company: str
    description: str
    flags: Mapping[str, object]
    standard: Schema


def _standard(lengths: Mapping[str, int], kinds: Mapping[str, str], required: frozenset[str]) -> Schema:
    fields = (
        Field(name=name, label=name, length=length or None, kind=kinds.get(name, "text"), required=name in required)
        for name, length in lengths.items()
    )
    return Schema({field.name: field for field in fields})


REST = Layout(
    defaults={
        "FirstName": "{FirstName}",
        "LastName": "{LastName}",
        "Company": "{Company}",
        "Title": "{Title}",
        "Email": "{Email}",
        "Phone": "{Phone}",
        "Country": "{Country}",
        "LeadSource": _SOURCE,
        "Description": "{Description}",
    },
    last_name="LastName",
    company="Company",
    description="Description",
    flags={"HasOptedOutOfEmail": True, "DoNotCall": True},
    standard=_standard(
        {
            "FirstName": 40,
            "LastName": 80,
            "Company": 255,
            "Title": 128,
            "Email": 80,
            "Phone": 40,
            "Country": 80,
            "LeadSource": 255,
            "Description": 32_000,
            "HasOptedOutOfEmail": 0,
            "DoNotCall": 0,
        },
        {"Email": "email", "Phone": "phone", "HasOptedOutOfEmail": "boolean", "DoNotCall": "boolean"},
        frozenset({"LastName", "Company"}),
    ),
)

WEB_TO_LEAD = Layout(
    defaults={
        "first_name": "{FirstName}",
        "last_name": "{LastName}",
        "company": "{Company}",
        "title": "{Title}",
        "email": "{Email}",
        "phone": "{Phone}",
        "country": "{Country}",
        "lead_source": _SOURCE,
        "description": "{Description}",
    },
    last_name="last_name",
    company="company",
    description="description",
    flags={"emailOptOut": "1", "doNotCall": "1"},
    standard=_standard(
        {
            "first_name": 40,
            "last_name": 80,
            "company": 40,
            "title": 40,
            "email": 80,
            "phone": 40,
            "country": 40,
            "lead_source": 255,
            "description": 32_000,
            "emailOptOut": 0,
            "doNotCall": 0,
        },
        {"email": "email", "phone": "phone"},
        frozenset({"last_name", "company"}),
    ),
)
"""The lengths are those of the forms that Salesforce generates."""
