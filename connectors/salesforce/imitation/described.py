"""The Lead object of the imitated organization, as its describe tells it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

KEY = "Marketplace_Lead_Id__c"
SOURCES = ("Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other")
STATUSES = ("Open - Not Contacted", "Working - Contacted", "Closed - Converted", "Closed - Not Converted")
INDUSTRIES = ("Banking", "Education", "Energy", "Manufacturing", "Retail", "Technology")
PRODUCTS = ("CRM", "Analytics", "Backup")


def field(name: str, kind: str = "string", length: int = 0, *, label: str = "", **traits: Any) -> dict[str, Any]:
    """Describe one field; ``traits`` are the vendor's own words for what differs from a usual one."""
    usual: dict[str, Any] = {
        "name": name,
        "label": label or name,
        "type": kind,
        "length": length,
        "createable": True,
        "updateable": True,
        "nillable": True,
        "defaultedOnCreate": kind == "boolean",
        "unique": False,
        "externalId": False,
        "restrictedPicklist": False,
        "picklistValues": [],
    }
    return usual | traits


def picked(name: str, values: Sequence[str], *, label: str = "", **traits: Any) -> dict[str, Any]:
    """Describe a pick-list."""
    entries = [{"value": value, "label": value, "active": True, "defaultValue": False} for value in values]
    return field(name, "picklist", 255, label=label, picklistValues=entries, **traits)


def own(name: str, kind: str, label: str = "") -> dict[str, Any]:
    """Describe a field that Salesforce alone writes."""
    return field(
        name, kind, 18, label=label, createable=False, updateable=False, nillable=False, defaultedOnCreate=True
    )


def lead_fields() -> list[dict[str, Any]]:
    """List the fields of Lead."""
    return [
        own("Id", "id", "Lead ID"),
        own("IsDeleted", "boolean", "Deleted"),
        own("MasterRecordId", "reference", "Master Record ID"),
        own("IsConverted", "boolean", "Converted"),
        own("CreatedDate", "datetime", "Created Date"),
        picked("Salutation", ("Mr.", "Ms.", "Dr."), nillable=True),
        field("FirstName", length=40, label="First Name"),
        field("LastName", length=80, label="Last Name", nillable=False),
        field("Company", length=255, nillable=False),
        field("Title", length=128),
        field("Email", "email", 80),
        field("Phone", "phone", 40),
        field("MobilePhone", "phone", 40, label="Mobile Phone"),
        field("Website", "url", 255),
        field("City", length=40),
        field("Country", length=80),
        picked("LeadSource", SOURCES, label="Lead Source"),
        picked("Status", STATUSES, nillable=False, defaultedOnCreate=True),
        picked("Industry", INDUSTRIES),
        field("AnnualRevenue", "currency", label="Annual Revenue"),
        field("NumberOfEmployees", "int", label="Employees"),
        field("HasOptedOutOfEmail", "boolean", label="Email Opt Out", nillable=False),
        field("DoNotCall", "boolean", label="Do Not Call", nillable=False),
        field("Description", "textarea", 32_000),
        field("OwnerId", "reference", 18, label="Owner ID", nillable=False, defaultedOnCreate=True),
        field(KEY, length=36, label="Marketplace Lead ID", unique=True, externalId=True),
        field("Marketplace_Offer__c", length=100, label="Marketplace Offer"),
        picked("Product_Interest__c", PRODUCTS, label="Product Interest", restrictedPicklist=True),
    ]
