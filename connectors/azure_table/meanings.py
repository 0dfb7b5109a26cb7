"""What each error of Azure Table means, by its code, and by its status where there is no code that we know.

The codes: https://learn.microsoft.com/rest/api/storageservices/table-service-error-codes
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

BEING_DELETED_SECONDS = 40.0
"""How long Azure takes to delete a table, by its own account."""

_CLOCK = "If this lasts, look at the account in Azure; the portal goes on trying."
_LOOK = "Look at the storage account in Azure, then check the connection here."


class Kind(Enum):
    """What is to be done."""

    LANDED = "it is there already"
    SETTINGS = "no lead passes until somebody changes something"
    TABLE = "the table is not there"
    LEAD = "this lead never passes"
    TOO_MUCH = "fewer at once may pass"
    AWAY = "later"


@dataclass(frozen=True, slots=True)
class Meaning:
    """The kind, and what the publisher reads; ``{host}`` and ``{table}`` are filled in."""

    kind: Kind
    cause: str
    sentence: str
    fix: str = ""
    wait: float | None = None


SIGN_IN = Meaning(
    Kind.SETTINGS,
    "sign-in",
    "{host} refused the sign-in.",
    "Copy the connection string, or the application's id and client secret, from Azure anew and save it here. A shared"
    " access signature may have ended; a firewall of the account may keep the portal out.",
)
_PERMISSION = Meaning(
    Kind.SETTINGS,
    "permission",
    "{host} let the portal in, but not to write to the table {table}.",
    "Give the signature the rights to add and update, or the application the role Storage Table Data Contributor.",
)
_LEAD = Meaning(
    Kind.LEAD,
    "row",
    "{host} does not take this lead as a row of {table}.",
    "Read its answer, change what is mapped to which column, then send this lead again.",
)
AWAY = Meaning(Kind.AWAY, "away", "{host} is unavailable.", _CLOCK)
_BUSY = Meaning(Kind.AWAY, "busy", "{host} asked us to slow down.", _CLOCK)
_NO_TABLE = Meaning(
    Kind.TABLE,
    "table",
    "There is no table {table} at {host}, and the portal may not make it.",
    "Make a table of this name in the storage account, or use the account's key; then check the connection.",
)
_TOO_MUCH = Meaning(Kind.TOO_MUCH, "too-large", "This lead is too large for {host}.", _LEAD.fix)

CODES = {
    "EntityAlreadyExists": Meaning(Kind.LANDED, "duplicate", "The table {table} has this lead already."),
    "TableAlreadyExists": Meaning(Kind.LANDED, "duplicate", "The table {table} is there already."),
    **dict.fromkeys(
        ("AuthenticationFailed", "InvalidAuthenticationInfo", "AuthorizationFailure", "NoAuthenticationInformation"),
        SIGN_IN,
    ),
    "AuthorizationPermissionMismatch": _PERMISSION,
    "InsufficientAccountPermissions": _PERMISSION,
    "AuthorizationSourceIPMismatch": Meaning(
        Kind.SETTINGS,
        "network",
        "{host} does not let the portal in from its address.",
        "Let the portal's address in: in the account's firewall, or in the signature (sip).",
    ),
    "AccountIsDisabled": Meaning(
        Kind.SETTINGS, "account-disabled", "The storage account at {host} is disabled.", _LOOK
    ),
    "TableNotFound": _NO_TABLE,
    "TableBeingDeleted": Meaning(
        Kind.AWAY, "table-being-deleted", "Azure is deleting the table {table}.", _CLOCK, BEING_DELETED_SECONDS
    ),
    **dict.fromkeys(
        (
            "InvalidInput",
            "InvalidValueType",
            "PropertyValueTooLarge",
            "PropertyNameInvalid",
            "PropertyNameTooLong",
            "PropertiesNeedValue",
            "EntityTooLarge",
            "TooManyProperties",
            "KeyValueTooLarge",
            "OutOfRangeInput",
            "DuplicatePropertiesSpecified",
        ),
        _LEAD,
    ),
    "RequestBodyTooLarge": _TOO_MUCH,
    "ServerBusy": _BUSY,
    **dict.fromkeys(("OperationTimedOut", "InternalError", "AccountBeingCreated"), AWAY),
}
"""Each error code that we know."""

STATUSES = {400: _LEAD, 401: SIGN_IN, 403: SIGN_IN, 404: _NO_TABLE, 413: _TOO_MUCH, 429: _BUSY}
"""Each status that says more than its hundred."""
REDIRECT = Meaning(
    Kind.SETTINGS, "redirect", "{host} answered with a redirect, which the portal does not follow.", _LOOK
)
STRANGE = Meaning(Kind.AWAY, "strange-answer", "{host} gave an answer that is none of Azure Table's.", _CLOCK)
