"""The fields of the imitated subscription, as its describe tells them."""

from __future__ import annotations

from typing import Any

NOTES = "marketplaceNotes"
OFFER = "marketplaceOffer"
ACTION = "marketplaceAction"


def field(
    name: str,
    label: str,
    kind: str = "string",
    *,
    length: int | None = None,
    form_name: str = "",
    read_only: bool = False,
) -> dict[str, Any]:
    """Describe one field; a short text has room for 255 characters."""
    found: dict[str, Any] = {
        "displayName": label,
        "dataType": kind,
        "rest": {"name": name, "readOnly": read_only},
        "soap": {"name": form_name or name[:1].upper() + name[1:], "readOnly": read_only},
    }
    most = length or (255 if kind in ("string", "email", "phone", "url") else None)
    return found | ({"length": most} if most else {})


def lead_fields() -> list[dict[str, Any]]:
    """List the fields of people, numbered."""
    found = [
        field("company", "Company Name"),
        field("site", "Site"),
        field("billingStreet", "Billing Address", "text"),
        field("billingCity", "Billing City"),
        field("billingCountry", "Billing Country"),
        field("website", "Website", "url"),
        field("mainPhone", "Main Phone", "phone"),
        field("annualRevenue", "Annual Revenue", "currency"),
        field("numberOfEmployees", "Num Employees", "integer"),
        field("industry", "Industry"),
        field("salutation", "Salutation"),
        field("firstName", "First Name"),
        field("middleName", "Middle Name"),
        field("lastName", "Last Name"),
        field("email", "Email Address", "email"),
        field("phone", "Phone Number", "phone"),
        field("mobilePhone", "Mobile Phone Number", "phone"),
        field("title", "Job Title"),
        field("department", "Department"),
        field("dateOfBirth", "Date of Birth", "date", form_name="DateofBirth"),
        field("address", "Address", "text"),
        field("city", "City"),
        field("state", "State"),
        field("country", "Country"),
        field("postalCode", "Postal Code"),
        field("leadSource", "Lead Source"),
        field("leadStatus", "Lead Status"),
        field("leadScore", "Lead Score", "score"),
        field("rating", "Lead Rating"),
        field("unsubscribed", "Unsubscribed", "boolean"),
        field("unsubscribedReason", "Unsubscribed Reason", "text"),
        field("doNotCall", "Do Not Call", "boolean"),
        field("doNotCallReason", "Do Not Call Reason", "text"),
        field(NOTES, "Marketplace Notes", "text", length=2_000),
        field(OFFER, "Marketplace Offer", length=100),
        field(ACTION, "Marketplace Action", length=40),
        field("marketplaceSeats", "Marketplace Seats", "integer"),
        field("marketplaceSince", "Marketplace Since", "datetime"),
        field("id", "Id", "integer", read_only=True),
        field("createdAt", "Created At", "datetime", read_only=True),
        field("inferredCountry", "Inferred Country", read_only=True),
    ]
    return [{"id": number, **each} for number, each in enumerate(found, 1)]


def form_fields() -> list[dict[str, Any]]:
    """List what the imitated form asks for, by the names that forms use."""
    asked = ("FirstName", "LastName", "Email", "Phone", "Company", "Title", "Country", "LeadSource")
    hidden = ("Unsubscribed", "DoNotCall", "MarketplaceNotes", "MarketplaceOffer")
    shown = [{"id": name, "dataType": "string", "label": f"{name}:", "required": name == "Email"} for name in asked]
    return shown + [{"id": name, "dataType": "hidden", "required": False} for name in hidden]
