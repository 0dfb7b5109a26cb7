"""A lead as a row: the columns that publishers' flows already know, one for each customer detail, then ours."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from connectors import mapping as fields
from connectors.base import LeadPayload
from connectors.errors import Misconfigured, Rejected
from connectors.fitting import fit, fit_all, utf16_units

Row = Mapping[str, str | bool | datetime]

TEST_PARTITION = "__test"
"""Test leads are kept apart, so that a day holds customers only."""

DEFAULTS = {
    "FirstName": "{FirstName}",
    "LastName": "{LastName}",
    "Email": "{Email}",
    "Phone": "{Phone}",
    "Country": "{Country}",
    "Company": "{Company}",
    "Title": "{Title}",
    "LeadSource": "{LeadSource}",
    "ActionCode": "{ActionCode}",
    "OfferId": "{OfferId}",
    "OfferDisplayName": "{OfferTitle}",
    "Description": "{Description}",
}
"""Columns that are filled unless the mapping fills them otherwise."""
ALWAYS = {
    "RowKey": "{LeadId}",
    "LeadId": "{LeadId}",
    "CreatedTime": "{ReceivedAt}",
    "ReceivedAt": "{ReceivedAt}",
    "IsTest": "{IsTest}",
    "DoNotContact": "{DoNotContact}",
}
"""Columns that are filled in any case, as the mapping page shows them."""
RESERVED = frozenset(ALWAYS) | {"PartitionKey", "Timestamp", "CustomerInfo", "IsPreview"}

LONGEST_TEXT = 32_768
"""UTF-16 units, as are all lengths of Azure Table: https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model"""
LONGEST_DETAIL = 2_000
"""So that the seven of them, with every character escaped, are still one ``CustomerInfo``."""
LONGEST_KEY = 512
LONGEST_NAME = 255
MOST_COLUMNS = 252
LARGEST_ROW = 1_048_576

_DETAILS = ("FirstName", "LastName", "Title", "Company", "Email", "Phone", "Country")
_LIMITS = dict.fromkeys(_DETAILS, LONGEST_DETAIL)
_NO_KEY = re.compile(r"[/\\#?%+\x00-\x1f\x7f-\x9f]")


def row(lead: LeadPayload, templates: Mapping[str, str]) -> Row:
    """Write a lead as a row; Rejected, with the rule, where no table would hold it."""
    complete = written(lead, templates)
    _check(complete)
    return complete


def written(lead: LeadPayload, templates: Mapping[str, str]) -> Row:
    """Write a lead as a row, whether or not a table would hold it."""
    texts = _texts(lead, {name: template for name, template in templates.items() if template and name not in RESERVED})
    return {
        "PartitionKey": partition(lead),
        "RowKey": lead.id,
        **texts,
        "CustomerInfo": _customer_info(lead),
        "CreatedTime": _utc(lead.received_at),
        "ReceivedAt": lead.received_at,
        "LeadId": lead.id,
        "IsTest": lead.is_test,
        "IsPreview": lead.is_preview,
        "DoNotContact": lead.do_not_contact,
    }


def partition(lead: LeadPayload) -> str:
    """Return the day of arrival, in UTC. It never changes, so that a lead sent again replaces itself."""
    return TEST_PARTITION if lead.is_test else f"{lead.received_at.astimezone(UTC):%Y-%m-%d}"


def column_faults(mapping: Mapping[str, str]) -> list[str]:
    """Name what no table takes of a mapping, one sentence each."""
    wrong = [name for name in mapping if not name.isidentifier() or utf16_units(name) > LONGEST_NAME]
    faults = [
        f"{name} is no name for a column: it takes letters, digits and _, a letter first, {LONGEST_NAME} at most."
        for name in wrong
    ]
    too_many = len(DEFAULTS.keys() | mapping.keys() | RESERVED) > MOST_COLUMNS
    return faults + ([f"A row holds {MOST_COLUMNS} columns, ours among them; map fewer."] if too_many else [])


def check_columns(mapping: Mapping[str, str]) -> None:
    """Raise Misconfigured for a mapping that no table takes."""
    if faults := column_faults(mapping):
        fix = "Correct it on the mapping page of this destination."
        raise Misconfigured(f"The mapping does not fit: {faults[0]}", cause="mapping", fix=fix)


def _texts(lead: LeadPayload, templates: Mapping[str, str]) -> dict[str, str]:
    limits = dict.fromkeys(templates, LONGEST_TEXT) | _LIMITS
    return fit_all(fields.apply(templates, lead), limits, keep_in="Description", measure=utf16_units)


def _customer_info(lead: LeadPayload) -> str:
    given = fields.apply({name: DEFAULTS[name] for name in _DETAILS}, lead)
    details = {name: fit(text, LONGEST_DETAIL, measure=utf16_units).text for name, text in given.items()}
    return json.dumps(details, ensure_ascii=False)


def _check(row: Row) -> None:
    if _NO_KEY.search(str(row["RowKey"])) or not 0 < utf16_units(str(row["RowKey"])) <= LONGEST_KEY:
        raise _unfit("its id cannot be a row key")
    if (size := _size(row)) > LARGEST_ROW:
        raise _unfit(f"it takes {size:,} bytes, and a row holds {LARGEST_ROW:,}")


def _unfit(rule: str) -> Rejected:
    fix = "Map fewer or shorter fields, then send the lead again."
    return Rejected(f"The lead does not fit into a row of Azure Table: {rule}.", cause="row", fix=fix)


def _size(row: Row) -> int:
    """Return what a row takes in a table, in bytes, a little more rather than less."""
    return 4 + sum(
        12 + 2 * utf16_units(name) + (2 * utf16_units(value) if isinstance(value, str) else 8)
        for name, value in row.items()
    )


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
