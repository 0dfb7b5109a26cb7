"""Leads as CSV: streamed whatever their number, with a row that says who took them, when and which."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.contrib.postgres.aggregates import StringAgg
from django.db.models import Case, F, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Concat

from leads.models import Delivery, Destination, Export, Lead, Publisher

BOM = "\ufeff"
"""Spreadsheets take a file for UTF-8 only if it says so."""
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a cell begins with that a spreadsheet would compute."""
FETCHED, SENT = 2_000, 200
"""Rows fetched at once from the cursor on the server, and handed on at once."""

COLUMNS = {
    "LeadId": "id",
    "ReceivedTime": "received_at",
    "Kind": "kind",
    "Publisher": "publisher__slug",
    "OfferId": "full_id",
    "OfferTitle": "offer__title",
    "Source": "source",
    "Action": "action",
    "Stage": "stage",
    "Storefront": "storefront",
    "FirstName": "first_name",
    "LastName": "last_name",
    "Email": "email",
    "Phone": "phone",
    "Country": "country",
    "Company": "company",
    "Title": "title",
    "Description": "description",
    "Consent": "consent",
    "DoNotContact": "customer__do_not_contact",
    "Extra": "extra",
    "Deliveries": "where",
}
"""Each column, and where its value is found."""


class Line:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def export(
    leads: QuerySet[Lead],
    *,
    by: AbstractBaseUser | AnonymousUser | None,
    filters: Mapping[str, Any],
    publisher: Publisher | None = None,
) -> Iterator[str]:
    """Write the export down and yield the file bit by bit; the number of rows is added when the reader stops."""
    made = Export.objects.create(made_by_id=by.pk if by else None, publisher=publisher, filters=dict(filters))
    return _file(leads, made)


def _file(leads: QuerySet[Lead], made: Export) -> Iterator[str]:
    writer = csv.writer(Line())
    rows = _found(leads).iterator(FETCHED)
    sent = 0
    try:
        yield BOM + writer.writerow(COLUMNS)
        while some := list(islice(rows, SENT)):
            sent += len(some)
            yield "".join(writer.writerow([cell(value) for value in row]) for row in some)
    finally:
        Export.objects.filter(pk=made.pk).update(rows=sent)


def cell(value: Any) -> str:
    """Write a value as text that no spreadsheet takes for a formula."""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA) else value
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False) if value else ""
    return "" if value is None else str(value)


def _found(leads: QuerySet[Lead]) -> QuerySet[Lead, tuple[Any, ...]]:
    held_back = [Destination.State.HELD, Destination.State.RESTING, Destination.State.PAUSED]
    state = Case(
        When(state__in=Delivery.OPEN, destination__state__in=held_back, then=F("destination__state")),
        default=F("state"),
    )
    each = Concat("destination__name", Value(": "), state)
    deliveries = Delivery.objects.filter(lead=OuterRef("pk")).order_by().values("lead")
    where = deliveries.annotate(where=StringAgg(each, "; ", order_by="destination__name")).values("where")
    named = Concat("publisher__slug", Value("."), "offer__offer_id")
    full_id = Case(When(offer__isnull=False, then=named), default=Value(""))
    return leads.annotate(where=Subquery(where), full_id=full_id).values_list(*COLUMNS.values())
