"""Keyset paging: the next page starts after the last row seen, so depth costs nothing and new rows shift nothing."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet

RowT = TypeVar("RowT", bound=Model)
SIZE = 50


class BadCursor(ValueError):
    """The cursor is not one that a page gave out."""


@dataclass(frozen=True, slots=True)
class Page(Generic[RowT]):
    rows: list[RowT]
    next: str | None
    """Where the next page begins; None on the last."""


def page(found: QuerySet[RowT], keys: Sequence[str], cursor: str | None = None, size: int = SIZE) -> Page[RowT]:
    """Take one page, newest first by ``keys`` (field names, the last one unique)."""
    ordered = found.order_by(*[f"-{key}" for key in keys])
    if cursor:
        ordered = _after(ordered, keys, _read(cursor, found.model, keys))
    rows = list(ordered[: size + 1])
    more = len(rows) > size
    return Page(rows[:size], _write(rows[size - 1], keys) if more else None)


def _after(found: QuerySet[RowT], keys: Sequence[str], values: Sequence[Any]) -> QuerySet[RowT]:
    # Spelt so that PostgreSQL can start reading its index at the place: first <= a AND (first < a OR second < b).
    [*leading, last] = zip(keys, values, strict=True)
    place = Q(**{f"{last[0]}__lt": last[1]})
    for key, value in reversed(leading):
        place = Q(**{f"{key}__lte": value}) & (Q(**{f"{key}__lt": value}) | place)
    return found.filter(place)


def _read(cursor: str, model: type[Model], keys: Sequence[str]) -> list[Any]:
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        fields = [model._meta.get_field(key) for key in keys]  # noqa: SLF001 - Django's documented name
        place = [field.to_python(value) for field, value in zip(fields, values, strict=True)]  # type: ignore[union-attr] # only columns are keys
    except (ValueError, TypeError, OverflowError, RecursionError, ValidationError):
        place = [None]
    if None in place:
        raise BadCursor("cursor is not one that this list gave out.")
    return place


def _write(row: Model, keys: Sequence[str]) -> str:
    values = [getattr(row, key) for key in keys]
    text = json.dumps([value.isoformat() if isinstance(value, datetime) else value for value in values], default=str)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
