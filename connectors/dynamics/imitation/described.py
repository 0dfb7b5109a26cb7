"""The Lead table of the imitated environment, as it defines it; lengths are the Common Data Model's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SOURCES = {
    "Advertisement": 1,
    "Employee Referral": 2,
    "External Referral": 3,
    "Partner": 4,
    "Public Relations": 5,
    "Seminar": 6,
    "Trade Show": 7,
    "Web": 8,
    "Word of Mouth": 9,
    "Other": 10,
}
RATINGS = {"Hot": 1, "Warm": 2, "Cold": 3}
PRODUCTS = {"CRM": 100_000_000, "Analytics": 100_000_001, "Backup": 100_000_002}


def column(name: str, kind: str, label: str, **traits: Any) -> dict[str, Any]:
    """Describe one column; ``traits`` are the vendor's own words for what differs from a usual one."""
    usual: dict[str, Any] = {
        "LogicalName": name,
        "AttributeType": kind,
        "AttributeOf": None,
        "DisplayName": _label(label),
        "RequiredLevel": {"Value": "None"},
        "IsValidForCreate": True,
    }
    return usual | traits


def text(name: str, label: str, length: int, form: str = "Text", **traits: Any) -> dict[str, Any]:
    return column(name, "String", label, MaxLength=length, FormatName={"Value": form}, **traits)


def picked(name: str, label: str, options: Mapping[str, int], *, shared: bool = False) -> dict[str, Any]:
    """Describe a choice, of its own or one that several tables share."""
    options_ = {"Options": [{"Value": value, "Label": _label(option)} for option, value in options.items()]}
    sets = {"OptionSet": None, "GlobalOptionSet": options_} if shared else {"OptionSet": options_}
    return column(name, "Picklist", label, **sets)


def flag(name: str, label: str) -> dict[str, Any]:
    return column(name, "Boolean", label)


def lead_columns() -> list[dict[str, Any]]:
    """List the columns of Lead."""
    demanded: dict[str, Any] = {"RequiredLevel": {"Value": "ApplicationRequired"}}
    return [
        column("leadid", "Uniqueidentifier", "Lead", RequiredLevel={"Value": "SystemRequired"}),
        column("ownerid", "Owner", "Owner", RequiredLevel={"Value": "SystemRequired"}),
        column("createdon", "DateTime", "Created On", IsValidForCreate=False),
        column("fullname", "String", "Name", IsValidForCreate=False, MaxLength=160),
        column("campaignid", "Lookup", "Source Campaign"),
        text("subject", "Topic", 300, **demanded),
        text("firstname", "First Name", 50),
        text("lastname", "Last Name", 50, **demanded),
        text("companyname", "Company Name", 100),
        text("jobtitle", "Job Title", 100),
        text("emailaddress1", "Email", 100, "Email"),
        text("telephone1", "Business Phone", 50, "Phone"),
        text("mobilephone", "Mobile Phone", 20, "Phone"),
        text("address1_country", "Country/Region", 80),
        text("websiteurl", "Website", 200, "Url"),
        column("description", "Memo", "Description", MaxLength=2_000),
        picked("leadsourcecode", "Lead Source", SOURCES),
        picked("leadqualitycode", "Rating", RATINGS),
        picked("new_product", "Product", PRODUCTS, shared=True),
        text("new_offer", "Marketplace Offer", 100),
        column("numberofemployees", "Integer", "No. of Employees"),
        column("revenue", "Money", "Annual Revenue"),
        column("estimatedclosedate", "DateTime", "Est. Close Date"),
        flag("donotemail", "Do not allow Emails"),
        flag("donotbulkemail", "Do not allow Bulk Emails"),
        flag("donotphone", "Do not allow Phone Calls"),
        flag("donotpostalmail", "Do not allow Mails"),
        flag("donotfax", "Do not allow Faxes"),
        flag("donotsendmm", "Marketing Material"),
        column("merged", "Boolean", "Merged", IsValidForCreate=False),
    ]


def _label(words: str) -> dict[str, Any]:
    return {"UserLocalizedLabel": {"Label": words, "LanguageCode": 1033}}
