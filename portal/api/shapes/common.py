"""Shapes that several resources share."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Generic, Literal, TypeVar

from django.db.models import Model
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_pascal
from pydantic.config import JsonDict

from portal.paging import SIZE

ItemT = TypeVar("ItemT")
LARGEST_ID = 2**63 - 1

Kind = Literal["live", "preview", "test"]
StageName = Literal["test drive", "initial interest", "active"]
StorefrontName = Literal["azure_marketplace", "appsource"]


class Sendable(BaseModel):
    """What is sent: nothing is coerced, and nothing that has no place is dropped in silence."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Wire(BaseModel):
    """Something about a lead, written as the marketplace writes it."""

    model_config = ConfigDict(alias_generator=to_pascal, validate_by_name=True, validate_by_alias=True)


class Listing(BaseModel, Generic[ItemT]):
    """One page of a list, newest first. ``next`` is the ``cursor`` of the page after it, null on the last."""

    items: list[ItemT]
    next: str | None


class BrokenRule(BaseModel):
    field: str = Field(description="Where, such as `UserDetails.Email`; empty for the whole.")
    rule: str = Field(description="What must be, in a sentence.")


PROBLEM: JsonDict = {
    "type": "about:blank",
    "title": "Unprocessable Entity",
    "status": 422,
    "detail": "UserDetails.Email is required.",
    "errors": [{"field": "UserDetails.Email", "rule": "UserDetails.Email is required."}],
}


class ProblemOut(BaseModel):
    """An error, as RFC 9457 writes it."""

    model_config = ConfigDict(json_schema_extra={"examples": [PROBLEM]})

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[BrokenRule]


def longest(model: type[Model], field: str) -> int:
    """Return how many characters a column holds."""
    length = model._meta.get_field(field).max_length  # type: ignore[union-attr] # noqa: SLF001 - Django's documented name
    assert length is not None  # noqa: S101 - only asked of columns that have one
    return length


def _storable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("must not contain NUL characters.")
    return text


def _with_offset(text: object) -> object:
    # The plus of an offset, left bare in an address, arrives as a blank.
    return re.sub(r"(T\S+) (\d\d:?\d\d)$", r"\1+\2", text) if isinstance(text, str) else text


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


Text = Annotated[str, Field(max_length=320), AfterValidator(_storable)]
"""A word to look for."""
Moment = Annotated[datetime, Field(strict=False), BeforeValidator(_with_offset), AfterValidator(_aware)]
"""ISO 8601; without an offset it is UTC."""
FullId = Annotated[str, AfterValidator(_storable)]
Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]


class Paged(BaseModel):
    limit: int = Field(SIZE, ge=1, le=200, description="How many to return at most.")
    cursor: Annotated[str, Field(max_length=300)] = Field("", description="`next` of the page before.")
