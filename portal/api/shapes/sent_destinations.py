"""A destination as it is sent, whole or in changes."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints

from leads.models import Destination
from portal.api.shapes.common import Sendable, longest

Name = Annotated[
    str, StringConstraints(strip_whitespace=True), Field(min_length=1, max_length=longest(Destination, "name"))
]
ABOUT_CONFIG = "The settings of this connector, under the names that its form has."
ABOUT_MAPPING = "Target field → text with lead fields in braces, such as `{FirstName} of {Company}`."
ABOUT_END = "When the secret ends: your contacts are warned 14, 7 and 1 days before. Null takes it back."


def _read_day(value: object) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise ValueError("must be a date such as 2027-03-31, or null.") from None


Day = Annotated[date | None, BeforeValidator(_read_day)]


class DestinationIn(Sendable):
    """A destination to connect."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Sales endpoint",
                    "connector": "https_endpoint",
                    "config": {"url": "https://leads.example.com/in", "auth": "none"},
                    "mapping": {"Campaign": "{Extra.campaign}"},
                }
            ]
        }
    )

    name: Name
    connector: Annotated[str, Field(max_length=50, description="Such as `https_endpoint`.")]
    config: dict[str, Any] = Field(description=ABOUT_CONFIG)
    mapping: dict[str, Any] = Field(default_factory=dict, description=ABOUT_MAPPING)
    secret_expires_on: Day = Field(None, description=ABOUT_END)


class DestinationChangesIn(Sendable):
    """What is to change; what is left out stays, secrets too."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"config": {"url": "https://leads.example.com/new"}}]})

    name: Name = ""
    config: dict[str, Any] = Field(default_factory=dict, description="Only the settings that change.")
    mapping: dict[str, Any] = Field(default_factory=dict, description="The whole mapping, in place of the old.")
    secret_expires_on: Day = Field(None, description=ABOUT_END)
    state: Annotated[Literal["active", "paused"], Field(description="Pause it, or let it go on.")] = "active"
    canary: Annotated[bool, Field(description="Send it a test lead every day, to prove that the whole way works.")] = (
        False
    )
