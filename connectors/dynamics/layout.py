"""What is sent where without any mapping, and the columns that every environment with the Sales app has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from connectors.dynamics.schema import Column, Schema

LAST_NAME, SUBJECT, DESCRIPTION, SOURCE = "lastname", "subject", "description", "leadsourcecode"

DEFAULTS: Mapping[str, str] = {
    SUBJECT: "{OfferTitle} - {Company}",
    "firstname": "{FirstName}",
    LAST_NAME: "{LastName}",
    "companyname": "{Company}",
    "jobtitle": "{Title}",
    "emailaddress1": "{Email}",
    "telephone1": "{Phone}",
    "address1_country": "{Country}",
    SOURCE: "{LeadSource}-{ActionCode}|{OfferTitle}",
    DESCRIPTION: "{Description}",
}
RESERVED = frozenset(("leadid", "ownerid", "campaignid"))
"""Set by the portal: the id that keeps a lead one, and what the settings choose."""
FLAGS = ("donotemail", "donotbulkemail", "donotphone", "donotpostalmail", "donotfax", "donotsendmm")
"""Columns by which nobody contacts the customer."""

_COLUMN = re.compile(r"[a-z_][a-z0-9_]{0,127}", re.ASCII)
_SOURCES = {
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
_COLUMNS = (
    Column(name=SUBJECT, label="Topic", length=300, required=True),
    Column(name="firstname", label="First Name", length=50),
    Column(name=LAST_NAME, label="Last Name", length=50, required=True),
    Column(name="companyname", label="Company Name", length=100),
    Column(name="jobtitle", label="Job Title", length=100),
    Column(name="emailaddress1", label="Email", kind="email", length=100),
    Column(name="telephone1", label="Business Phone", kind="phone", length=50),
    Column(name="address1_country", label="Country/Region", length=80),
    Column(name=SOURCE, label="Lead Source", kind="choice", choices=_SOURCES),
    Column(name=DESCRIPTION, label="Description", length=2_000, lines=True),
    *(Column(name=flag, label=flag, kind="boolean") for flag in FLAGS),
)
STANDARD = Schema({column.name: column for column in _COLUMNS})
"""By Microsoft's Common Data Model, for a preview before the environment has been asked."""


def faults(names: Iterable[str]) -> list[str]:
    """Say of each name that no column can have it, one sentence each."""
    rule = "cannot be a column: a logical name has lower-case letters, digits and underscores, such as new_region."
    return [f"{name} {rule}" for name in names if not _COLUMN.fullmatch(name)]
