"""The SDK's client of one table, speaking through the guarded session."""

from __future__ import annotations

import logging
from typing import Any, NoReturn

from azure.core.pipeline.transport import RequestsTransport
from azure.data.tables import TableClient
from requests import Request
from requests.models import PreparedRequest

from connectors.azure_table.accounts import Account
from connectors.azure_table.signin import Credential
from connectors.http import GuardedSession

# It logs every request with its address, and an address may hold a signature.
logging.getLogger("azure").setLevel(logging.WARNING)


class Written(Exception):
    """A request was written down in place of being sent."""

    def __init__(self, request: PreparedRequest) -> None:
        super().__init__("written, not sent")
        self.request = request


class Draft:
    """Stands where a session stands, and sends nothing."""

    def __init__(self, session: GuardedSession) -> None:
        self._session = session

    def request(self, method: str, url: str, *, headers: Any, data: Any, **_: Any) -> NoReturn:
        """Prepare a request as the session would send it, and raise it as :class:`Written`."""
        raise Written(self._session.prepare_request(Request(method, url, headers=headers, data=data)))


def table_client(session: GuardedSession | Draft, account: Account, table: str, credential: Credential) -> TableClient:
    """Make a client that sends each request once: retries are the engine's, redirects nobody's."""
    return TableClient(
        account.url,
        table,
        credential=credential,
        transport=RequestsTransport(session=session, session_owner=False),
        retry_total=0,
        permit_redirects=False,
    )
