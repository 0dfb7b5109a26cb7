"""What Entra ID refuses a sign-in for, by the number that its answer begins with (AADSTS…).

https://learn.microsoft.com/entra/identity-platform/reference-error-codes lists them. Microsoft rewords them at will, so
an answer whose number is not known here is told by the words that older ones had.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple


class Refusal(NamedTuple):
    """Why, as the end of a sentence that begins with "Entra ID", and what to do about it."""

    sentence: str
    fix: str


_DIRECTORY = Refusal(
    "knows no directory of this id.",
    "Copy the directory (tenant) ID from the overview of your app registration, and see that the directory has a"
    " subscription and is in the same cloud as the instance.",
)
_MALFORMED = Refusal(
    "cannot read the directory ID.",
    "Copy the directory (tenant) ID from the overview of your app registration: 36 characters with hyphens.",
)
_APPLICATION = Refusal(
    "does not find the application in this directory.",
    "Compare the application (client) ID with the app registration, and see that it is in this very directory.",
)
_SECRET = Refusal(
    "refused the client secret.",
    "Make a new client secret under Certificates & secrets and enter its value, not its ID.",
)
_ENDED = Refusal(
    "says that the client secret has ended.", "Make a new client secret under Certificates & secrets and enter it."
)
_CERTIFICATE = Refusal(
    "refused the certificate.",
    "Upload this very certificate to the app registration, and see that it has not ended.",
)
_INSTANCE = Refusal(
    "does not know the instance address in this directory.",
    "Compare the address with the one you work at, and see that the environment belongs to this directory.",
)
_PASSWORD = Refusal(
    "refused the user name or the password.",
    "Enter the user name and password again. See that the user has a licence and may use Dynamics 365.",
)
_EXPIRED = Refusal(
    "says that the password has ended.", "Give the user a new password and enter it here, with the day it was set on."
)
_LOCKED = Refusal("has locked or disabled the user.", "Unlock the user in the Microsoft 365 admin center.")
_SECOND_FACTOR = Refusal(
    "asks this user for a second factor, which a program cannot give.",
    "Sign in as an Entra ID application instead: it needs no user and no password.",
)
_CONSENT = Refusal(
    "has no consent for the sign-in of this user.",
    "Sign in as an Entra ID application instead, or have an administrator consent.",
)
_DISABLED = Refusal("has disabled the application.", "Enable it in Entra ID, under Enterprise applications.")
UNKNOWN = Refusal(
    "refused the sign-in.", "Read its answer, and compare every setting of the sign-in with the app registration."
)

REFUSALS: Mapping[int, Refusal] = {
    90002: _DIRECTORY,
    90013: _MALFORMED,
    900023: _MALFORMED,
    900021: _MALFORMED,
    700016: _APPLICATION,
    7000215: _SECRET,
    7000222: _ENDED,
    700027: _CERTIFICATE,
    700024: _CERTIFICATE,
    7000214: _CERTIFICATE,
    500011: _INSTANCE,
    650057: _INSTANCE,
    50126: _PASSWORD,
    50034: _PASSWORD,
    50055: _EXPIRED,
    50053: _LOCKED,
    50057: _LOCKED,
    50076: _SECOND_FACTOR,
    50079: _SECOND_FACTOR,
    50158: _SECOND_FACTOR,
    53003: _SECOND_FACTOR,
    65001: _CONSENT,
    7000218: _CONSENT,
    7000112: _DISABLED,
}

PASSING = frozenset((90033, 90024, 90025, 50196))
"""Numbers that stand for a fault of Entra ID's own, or for too many sign-ins: over in a while."""

_WORDS: Mapping[str, Refusal] = {
    "no active subscriptions for the tenant": _DIRECTORY,
    "tenant not found": _DIRECTORY,
    "valid external domain": _MALFORMED,
    "was not found in the directory": _APPLICATION,
    "invalid client secret": _SECRET,
    "resource principal": _INSTANCE,
    "invalid username or password": _PASSWORD,
    "unable to sign in": _PASSWORD,
}

_NUMBER = re.compile(r"AADSTS([0-9]{4,8})")


def number(answer: str) -> int | None:
    """Return the number of an answer, None where it has none."""
    found = _NUMBER.search(answer)
    return int(found[1]) if found else None


def refusal(answer: str) -> Refusal:
    """Tell what an answer means."""
    known = REFUSALS.get(number(answer) or 0)
    lowered = answer.lower()
    return known or next((means for words, means in _WORDS.items() if words in lowered), UNKNOWN)
