"""The settings of a Dynamics 365 destination."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from connectors.config import Config, secret

PASSWORD_LIFETIME = timedelta(days=90)
"""How long a password of Microsoft 365 lasts by its usual policy."""


@dataclass(frozen=True, slots=True)
class DynamicsConfig(Config):
    """One environment of Dataverse, and who writes leads to it."""

    instance_url: str = ""
    authentication: str = "azure_ad"
    directory_id: str = ""
    application_id: str = ""
    application_key: str = secret()
    certificate: str = secret()
    username: str = ""
    password: str = secret()
    password_set_on: str = ""
    lead_source: str = ""
    duplicate_detection: bool = False
    owner: str = "application"
    owner_id: str = ""
    campaign_id: str = ""

    @property
    def password_ends(self) -> date | None:
        """When the password of an Office 365 user ends, as far as the day it was set on is known."""
        if self.authentication != "office365" or not self.password_set_on:
            return None
        return date.fromisoformat(self.password_set_on) + PASSWORD_LIFETIME
