"""The settings of a Salesforce destination."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.config import Config, secret

NOT_PROVIDED = "[not provided]"
"""What Salesforce's own users write where a company is demanded and none is known."""


@dataclass(frozen=True, slots=True)
class SalesforceConfig(Config):
    """One organization, reached by its REST API or by Web-to-Lead."""

    mode: str = "rest"
    sandbox: bool = False
    organization_id: str = ""
    my_domain: str = ""
    auth: str = "client_credentials"
    client_id: str = ""
    client_secret: str = secret()
    username: str = ""
    private_key: str = secret()
    password: str = secret()
    security_token: str = secret()
    external_id_field: str = ""
    duplicates: str = "accept"
    assignment: str = "default"
    assignment_rule: str = ""
    campaign_id: str = ""
    missing_company: str = NOT_PROVIDED

    @property
    def confirms(self) -> bool:
        """Tell whether Salesforce says what became of a lead: Web-to-Lead never does."""
        return self.mode != "web_to_lead"

    @property
    def repeatable(self) -> bool:
        """Tell whether a lead may be sent again without becoming two."""
        return self.confirms and bool(self.external_id_field)
