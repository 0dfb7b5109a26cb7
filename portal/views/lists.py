"""What every list does with its address: take the page that is asked for, or say why not and show the first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from portal import paging
from portal.paging import BadCursor, Page

RowT = TypeVar("RowT", bound=Model)


def turn(request: HttpRequest, found: QuerySet[RowT], keys: Sequence[str]) -> Page[RowT]:
    """Turn to the page that ``cursor`` in the address names; the newest where it cannot be read."""
    try:
        return paging.page(found, keys, request.GET.get("cursor"))
    except BadCursor:
        messages.warning(request, "The address named a page that this list did not give out. These are the newest.")
        return paging.page(found, keys)
