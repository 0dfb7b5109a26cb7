"""Every code by which Salesforce refuses a record or a request, and what it means for the lead.

Codes of records are ``StatusCode`` values of the SOAP API. Codes of requests are exception codes:
https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_concepts_core_data_objects.htm
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

Kind = Literal["session", "config", "invalid", "duplicate", "limit", "away"]


class Meaning(NamedTuple):
    """What a code means; ``sentence`` ends one that begins with "Salesforce"."""

    kind: Kind
    sentence: str
    fix: str = ""


_GRANT = "Let the integration user create and edit leads and the fields that are mapped (Setup, Permission Sets)."
_MAPPING = "Compare the mapping here with the fields of Lead in Setup, Object Manager."
_LEAD = "Correct the lead or the mapping, then send it again."
_RULE = "Read Salesforce's message, change the rule or the mapping there or here, then send this lead again."
_WAIT = "If this lasts, look at status.salesforce.com; the portal goes on trying."

CODES: Mapping[str, Meaning] = {
    "INVALID_SESSION_ID": Meaning("session", "no longer accepts our session."),
    "INVALID_LOGIN": Meaning("config", "refused the sign-in.", "Enter the sign-in again and save it."),
    "API_DISABLED_FOR_ORG": Meaning(
        "config", "has the API switched off for this organization or user.", "Grant the permission API Enabled."
    ),
    "INSUFFICIENT_ACCESS": Meaning("config", "does not let the integration user do this.", _GRANT),
    "INSUFFICIENT_ACCESS_OR_READONLY": Meaning("config", "does not let the integration user do this.", _GRANT),
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": Meaning(
        "config", "does not let the integration user use a record that the lead refers to.", _GRANT
    ),
    "INVALID_TYPE": Meaning("config", "shows no Lead object to the integration user.", _GRANT),
    "INVALID_FIELD": Meaning("config", "does not know a field that is sent, or hides it from us.", _MAPPING),
    "INVALID_FIELD_FOR_INSERT_UPDATE": Meaning("config", "lets nobody write a field that is sent.", _MAPPING),
    "INVALID_EXTERNAL_ID_FIELD_NAME": Meaning(
        "config", "does not know the external ID field.", "Choose a text field that is unique and an external ID."
    ),
    "NOT_FOUND": Meaning("config", "has nothing at the address we use.", "Check My Domain in the settings."),
    "UNSUPPORTED_API_VERSION": Meaning("config", "has retired the version of the API that the portal speaks."),
    "STORAGE_LIMIT_EXCEEDED": Meaning(
        "config", "has no storage left for more records.", "Free or buy data storage (Setup, Storage Usage)."
    ),
    "TXN_SECURITY_METERING_ERROR": Meaning(
        "config", "stopped us by a transaction security policy.", "Except the integration user from that policy."
    ),
    "REQUIRED_FIELD_MISSING": Meaning("invalid", "demands a field that is empty.", _LEAD),
    "STRING_TOO_LONG": Meaning("invalid", "found a text longer than its field.", _LEAD),
    "INVALID_EMAIL_ADDRESS": Meaning("invalid", "does not take the e-mail address of this lead.", _LEAD),
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": Meaning(
        "invalid", "found a value that its pick-list does not have.", "Add the value there, or map another one here."
    ),
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": Meaning("invalid", "refused the lead by a validation rule.", _RULE),
    "FIELD_INTEGRITY_EXCEPTION": Meaning("invalid", "found a value that does not fit its field.", _LEAD),
    "NUMBER_OUTSIDE_VALID_RANGE": Meaning("invalid", "found a number outside the range of its field.", _LEAD),
    "FIELD_FILTER_VALIDATION_EXCEPTION": Meaning("invalid", "refused a value by the filter of a lookup.", _RULE),
    "JSON_PARSER_ERROR": Meaning("invalid", "could not read a value of the lead.", _LEAD),
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": Meaning("invalid", "stopped the lead in a trigger.", _RULE),
    "APEX_FAILED": Meaning("invalid", "stopped the lead in its own code (Apex).", _RULE),
    "CANNOT_EXECUTE_FLOW_TRIGGER": Meaning("invalid", "stopped the lead in a flow.", _RULE),
    "DUPLICATES_DETECTED": Meaning("duplicate", "already has this lead."),
    "DUPLICATE_VALUE": Meaning("duplicate", "already has a record with this value."),
    "DUPLICATE_EXTERNAL_ID": Meaning("duplicate", "already has a record with this external ID."),
    "CANNOT_UPDATE_CONVERTED_LEAD": Meaning("duplicate", "has this lead already, and it has been converted."),
    "REQUEST_LIMIT_EXCEEDED": Meaning(
        "limit", "has no API requests left for us today.", "Wait, or buy more requests (Setup, Company Information)."
    ),
    "UNABLE_TO_LOCK_ROW": Meaning("away", "was changing the same record for somebody else.", _WAIT),
    "SERVER_UNAVAILABLE": Meaning("away", "is too busy to answer.", _WAIT),
    "QUERY_TIMEOUT": Meaning("away", "took too long over its own work.", _WAIT),
    "UNKNOWN_EXCEPTION": Meaning("away", "met an error of its own.", _WAIT),
    "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE": Meaning("away", "is being maintained.", _WAIT),
    "ALL_OR_NONE_OPERATION_ROLLED_BACK": Meaning("away", "took the lead back because of another one.", _WAIT),
}

OF_REQUESTS = frozenset(
    (
        "API_DISABLED_FOR_ORG",
        "INVALID_LOGIN",
        "JSON_PARSER_ERROR",
        "REQUEST_LIMIT_EXCEEDED",
        "SERVER_UNAVAILABLE",
        "TXN_SECURITY_METERING_ERROR",
        "UNSUPPORTED_API_VERSION",
    )
)
"""Codes that a whole request is refused with, never a record."""

DAILY_WAIT = 3_600.0
"""Seconds to wait when the requests of 24 hours are used up: the window rolls, so an hour frees some."""
MOMENT = 30.0
"""Seconds to wait when too many requests ran at the same time."""

_UNKNOWN = Meaning("invalid", "refused the lead for a reason the portal does not know.", _RULE)
_LOCKED = "UNABLE_TO_LOCK_ROW"


def meaning(code: str, message: str = "") -> Meaning:
    """Look a code up; a trigger's error that wraps a lock means the lock."""
    if code == "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY" and _LOCKED in message:
        return CODES[_LOCKED]
    if code.startswith("INSUFFICIENT_ACCESS"):
        return CODES.get(code, CODES["INSUFFICIENT_ACCESS"])
    return CODES.get(code, _UNKNOWN)


def wait(message: str) -> float:
    """Return the seconds to wait after REQUEST_LIMIT_EXCEEDED, which stands for two limits."""
    return MOMENT if "ConcurrentPerOrg" in message or "ConcurrentRequests" in message else DAILY_WAIT


_OVERLOADS = ("Too many SOQL", "Too many DML", "Too many query rows", "CPU time limit", "System.LimitException")


def is_overload(code: str, message: str) -> bool:
    """Tell whether the automation of the organization had too much to do with so many records at once."""
    return code == "LIMIT_EXCEEDED" or any(sign in message for sign in _OVERLOADS)
