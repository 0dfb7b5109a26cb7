"""Every code by which Dataverse refuses a lead or a request, and what it means.

https://learn.microsoft.com/power-apps/developer/data-platform/reference/web-service-error-codes lists them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple

Kind = Literal["config", "invalid", "duplicate", "limit", "away"]

STALE = "0x80048d19"
"""A fault of the settings that may be gone once the columns have been read again."""


class Meaning(NamedTuple):
    """What a code means; ``sentence`` ends one that begins with "Dynamics 365"."""

    kind: Kind
    sentence: str
    fix: str = ""


_USER = (
    "In the Power Platform admin center, open the environment, Settings, Application users, and add the application."
)
_ROLE = "Give the application user a security role with Create, Read and Write on Lead."
_LEAD = "Correct the lead or the mapping, then send it again."
_COLUMNS = "Compare the mapping here with the columns of the Lead table."
_RULE = "Read its message, change the rule there or the mapping here, then send this lead again."
_WAIT = "If this lasts, look at the service health in the Microsoft 365 admin center; the portal goes on trying."
_SLOWER = "Nothing needs doing: the portal waits as long as Dynamics 365 asks, and goes on by itself."
_SALES = "Check the address, and that the Sales app is installed in this environment."

_STRANGER = Meaning("config", "does not know our application as a user of this environment.", _USER)
_NO_ROLE = Meaning("config", "has given the application user no security role.", _ROLE)
_SECURED = Meaning(
    "config",
    "does not let the application user write a column.",
    f"{_ROLE} A secured column needs a column security profile too.",
)
_THERE = Meaning("duplicate", "has this lead already.")

CODES: Mapping[str, Meaning] = {
    "0x80072560": _STRANGER,
    "0x80040220": Meaning("config", "does not let the application user create leads.", _ROLE),
    "0x80048306": Meaning("config", "does not let the application user create leads.", _ROLE),
    "0x80042f09": _NO_ROLE,
    "0x80040225": Meaning("config", "has disabled the user.", "Enable the user in the environment."),
    "0x8006088a": Meaning("config", "has no Lead table at this address.", _SALES),
    "0x80040217": Meaning("config", "has no record of an id in the settings.", "Correct the owner or the campaign."),
    STALE: Meaning("config", "does not know a column or a kind of value that is sent.", _COLUMNS),
    "0x80044331": Meaning("invalid", "found a text longer than its column.", _LEAD),
    "0x8004431a": Meaning("invalid", "found a value that its choice does not have.", _LEAD),
    "0x8004432f": Meaning("invalid", "found a number outside the range of its column.", _LEAD),
    "0x80044330": Meaning("invalid", "found a number outside the range of its column.", _LEAD),
    "0x80040203": Meaning("invalid", "does not take a value of this lead.", _LEAD),
    "0x80040265": Meaning("invalid", "stopped the lead in a business rule of its own (a plug-in).", _RULE),
    "0x80040333": Meaning("duplicate", "has this lead already, by its duplicate detection rules."),
    "0x80040237": _THERE,
    "0x80060892": Meaning("duplicate", "has a lead with the same alternate key."),
    "0x80072322": Meaning("limit", "counted too many requests within five minutes.", _SLOWER),
    "0x80072321": Meaning("limit", "worked too long for us within five minutes.", _SLOWER),
    "0x80072326": Meaning("limit", "counted too many requests at the same time.", _SLOWER),
    "0x80044150": Meaning("away", "had two writes block each other in its database.", _WAIT),
    "0x80044151": Meaning("away", "waited too long for its database.", _WAIT),
    "0x80040216": Meaning("away", "met an error of its own.", _WAIT),
}

WORDS: Mapping[str, Meaning] = {
    "matching key values": _THERE,
    "no roles are assigned": _NO_ROLE,
    "create permissions for the": _SECURED,
    "not a member of the organization": _STRANGER,
}
"""What tells a refusal whose code is empty or too general."""

WAIT = 60.0
"""Seconds to leave Dataverse alone where it names no time: its limits look back five minutes."""

_HEX = re.compile(r"0x[0-9a-f]{1,8}")
_CULPRITS = tuple(
    re.compile(sign)
    for sign in (
        r"missing (prv[A-Za-z_]{1,100})",
        r"'([A-Za-z_][A-Za-z0-9_]{0,127})' attribute",
        r"for the ([A-Za-z_][A-Za-z0-9_]{0,127}) attribute",
        r"property '([A-Za-z_][A-Za-z0-9_]{0,127})'",
    )
)
_DECIMAL = re.compile(r"-?[0-9]{1,10}")


def written(code: object) -> str:
    """Write a code as eight hexadecimal digits, whichever of its two spellings came; ``""`` where it is neither."""
    text = str(code).strip().lower()
    if _HEX.fullmatch(text):
        return f"0x{int(text, 16):08x}"
    return f"0x{int(text) % 2**32:08x}" if _DECIMAL.fullmatch(text) else ""


def meaning(code: str, message: str) -> Meaning | None:
    """Look a refusal up by its code, and by its words; None where neither is known."""
    lowered = message.lower()
    told = next((means for words, means in WORDS.items() if words in lowered), None)
    return told or CODES.get(code)


def culprit(message: str) -> str:
    """Return the column or the privilege that a message names; ``""`` where it names none."""
    found = next(filter(None, (sign.search(message) for sign in _CULPRITS)), None)
    return found[1] if found else ""
