"""What signs requests to a table: an account's key, a signature it has given, or a token of an application."""

from __future__ import annotations

from threading import Lock
from time import time
from typing import Any

from azure.core.credentials import AccessToken, AzureNamedKeyCredential, AzureSasCredential

from connectors import oauth
from connectors.azure_table.config import AzureTableConfig, check_application, check_directory
from connectors.azure_table.connection_strings import Access
from connectors.errors import Misconfigured
from connectors.grants import Grant, Token
from connectors.http import GuardedSession

SCOPE = "https://storage.azure.com/.default"
"""The same in every cloud."""

_AN_HOUR = 3_600


class Tokens:
    """The tokens of one application, for all threads of a connector."""

    def __init__(self, session: GuardedSession, grant: Grant) -> None:
        self._session = session
        self._grant = grant
        self._renewed = ""
        self._lock = Lock()

    def first(self) -> Token:
        return oauth.fetch(self._session, self._grant)

    def instead_of(self, refused: Token) -> Token:
        """Return another token than the one refused; Misconfigured if that one was asked for in place of another."""
        with self._lock:
            if refused.value == self._renewed:
                raise _refused()
            oauth.forget(self._grant, refused)
            token = self.first()
            self._renewed = token.value
        return token


class ApplicationCredential:
    """Hands tokens to the SDK, for one call of the connector. Asked again, what it gave before was refused."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._token = tokens.first()
        self._was_given = False

    def get_token(self, *_: str, **__: Any) -> AccessToken:
        """Return a token; the tenant and scope that a challenge names are not believed."""
        if self._was_given:
            self._token = self._tokens.instead_of(self._token)
        self._was_given = True
        # The SDK is not to ask by the clock: within one call it would be a refusal, and across calls oauth renews.
        return AccessToken(self._token.value, int(time()) + _AN_HOUR)


class Shown:
    """Stands in for an application's tokens where a request is only shown."""

    def __init__(self, text: str) -> None:
        self._text = text

    def get_token(self, *_: str, **__: Any) -> AccessToken:
        return AccessToken(self._text, int(time()) + _AN_HOUR)


Credential = AzureNamedKeyCredential | AzureSasCredential | ApplicationCredential | Shown


def grant(config: AzureTableConfig) -> Grant:
    """Say how to ask for a token; Fault where the settings break a rule."""
    check_directory(config.directory_id)
    check_application(config.application_id)
    host = config.access().account.sign_in_host
    return Grant(
        url=f"https://{host}/{config.directory_id}/oauth2/v2.0/token",
        fields={"grant_type": "client_credentials", "client_id": config.application_id, "scope": SCOPE},
        secret_fields={"client_secret": config.application_key},
    )


def of_account(access: Access) -> AzureNamedKeyCredential | AzureSasCredential:
    """Return what signs with a connection string."""
    if access.shared:
        return AzureSasCredential(access.shared.token)
    return AzureNamedKeyCredential(access.account.name, access.key)


def _refused() -> Misconfigured:
    return Misconfigured(
        "Azure issued a token to the application, and the storage account refused it.",
        cause="sign-in",
        fix="Check that the storage account trusts this directory, then check the connection again.",
        status=401,
    )
