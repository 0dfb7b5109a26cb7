"""Every code by which Marketo refuses a request or a record, and what it means for the lead.

Codes of requests have three digits and begin with 6 or 7, codes of records are 1000 and more:
https://experienceleague.adobe.com/en/docs/marketo-developer/marketo/rest/error-codes
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from connectors.errors import Who

Kind = Literal[
    "token",  # the access token is not good any more
    "config",  # no lead passes until somebody changes something
    "invalid",  # this lead never passes
    "duplicate",  # it is there already
    "company",  # it passes without what is about the company
    "too large",  # fewer at once may pass
    "pace",  # the calls of the last 20 seconds are used up
    "crowd",  # too many calls at the same time
    "quota",  # the calls of the day are used up
    "away",  # later
]


class Meaning(NamedTuple):
    """What a code means; ``sentence`` ends one that begins with "Marketo"."""

    kind: Kind
    sentence: str
    fix: str = ""
    who: Who | None = None


_ACCESS = (
    "Give the API user's role Read-Write Person (Admin, Users & Roles). Where the API takes certain IP addresses only,"
    " add the portal's."
)
_OURS = "Nothing can be done here: tell the marketplace, whose portal is at fault."
_MAPPING = "Compare the mapping here with Admin, Field Management in Marketo."
_LEAD = "Correct the lead or the mapping, then send it again."
_WAIT = "If this lasts, look at status.adobe.com; the portal goes on trying."
_CALM = "Nothing needs doing: the portal goes on by itself."
_PARTITION = "Check the partition here, and that the API user's workspace may use it."
_SUBSCRIPTION = "Ask whoever looks after your Marketo subscription."

_AWAY = "cannot take leads at the moment."
_STALE = "no longer accepts our access token."
_WRITTEN = "did not understand the request as the portal writes it."

CODES: Mapping[str, Meaning] = {
    "413": Meaning("too large", "found the request too large.", _LEAD),
    "414": Meaning("config", _WRITTEN, _OURS, "marketplace"),
    "500": Meaning("away", "met an error of its own.", _WAIT),
    "502": Meaning("away", _AWAY, _WAIT),
    "601": Meaning("token", _STALE, "Check the custom service in Admin, LaunchPoint."),
    "602": Meaning("token", _STALE, "Check the custom service in Admin, LaunchPoint."),
    "603": Meaning("config", "does not let the API user do this.", _ACCESS),
    "604": Meaning("away", "took too long over its own work.", _WAIT),
    "605": Meaning("config", _WRITTEN, _OURS, "marketplace"),
    "606": Meaning("pace", "counted too many calls in 20 seconds, from all that use its API.", _CALM, "target"),
    "607": Meaning(
        "quota",
        "has no calls left for today, for anybody who uses its API.",
        "The portal goes on after midnight in US Central time. More calls a day can be bought from Adobe.",
        "target",
    ),
    "608": Meaning("away", _AWAY, _WAIT),
    "609": Meaning("config", _WRITTEN, _OURS, "marketplace"),
    "610": Meaning("config", "has nothing at the address we use.", "Check the Munchkin ID and the form ID."),
    "611": Meaning("away", "met an error of its own.", _WAIT),
    "612": Meaning("config", _WRITTEN, _OURS, "marketplace"),
    "613": Meaning("config", _WRITTEN, _OURS, "marketplace"),
    "614": Meaning("away", "could not reach the subscription.", _WAIT),
    "615": Meaning("crowd", "had too many calls under way, from all that use its API.", _CALM, "target"),
    "616": Meaning("config", "does not offer this to your kind of subscription.", _SUBSCRIPTION),
    "701": Meaning("config", "found something empty that it demands.", "Check the settings and the mapping here."),
    "702": Meaning("config", "did not find what the settings name.", "Check form, program and partition here."),
    "703": Meaning("config", "has a feature switched off that is needed.", _SUBSCRIPTION),
    "704": Meaning("config", "found a date that it cannot read.", _MAPPING),
    "709": Meaning("config", "refused the request by a rule of its own.", "Read Marketo's message, and look there."),
    "713": Meaning("away", _AWAY, _WAIT),
    "719": Meaning("away", "was waiting for somebody else's change.", _WAIT),
    "1001": Meaning("invalid", "found a value of the wrong kind for its field.", _LEAD),
    "1002": Meaning("invalid", "found a value missing that it demands.", _LEAD),
    "1003": Meaning("invalid", "found a value that its field does not take.", _LEAD),
    "1004": Meaning("invalid", "did not find the person to change.", _LEAD),
    "1005": Meaning("duplicate", "already has this person."),
    "1006": Meaning("config", "does not know a field that is sent.", _MAPPING),
    "1007": Meaning(
        "invalid", "has several people with this e-mail address.", "Merge them in Marketo, then send this lead again."
    ),
    "1008": Meaning("config", "does not let the API user into the partition of this person.", _PARTITION),
    "1009": Meaning("config", "demands the name of a partition.", _PARTITION),
    "1010": Meaning("config", "keeps this person in another partition.", _PARTITION),
    "1011": Meaning("config", "does not take a field that is sent.", _MAPPING),
    "1013": Meaning("config", "does not have the form or program.", "Check form and program here."),
    "1018": Meaning("config", "leaves this to the CRM it is connected to.", _SUBSCRIPTION),
    "1021": Meaning("company", "does not let us change the company of this person.", _LEAD),
}

_UNKNOWN_OF_RECORD = Meaning("invalid", "refused the lead for a reason the portal does not know.", _LEAD)
_UNKNOWN = Meaning("away", "refused the request for a reason the portal does not know.", _WAIT)
_OF_RECORD = 4
"""Digits of a code that is about one record."""


def meaning(code: str) -> Meaning:
    """Look a code up. One that is not known is about the lead where it is a record's, and else passes by itself."""
    return CODES.get(code) or (_UNKNOWN_OF_RECORD if len(code) == _OF_RECORD else _UNKNOWN)
