"""What plays the storage account, and the directory that its applications sign in to."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import parse_qs

from azure.core.credentials import AzureNamedKeyCredential
from azure.data.tables import TableClient

from connectors.azure_table.azurite import Azurite
from connectors.azure_table.fake import transactions
from connectors.azure_table.fake.refusals import Refusal
from connectors.azure_table.fake.tables import FakeTables
from connectors.azure_table.sandbox import ACCOUNT, KEY
from connectors.fakes import Behaviour, Line, Recorded
from connectors.stand_in import Call, Reply

HOST = f"{ACCOUNT}.table.core.windows.net"
CONNECTION_STRING = f"DefaultEndpointsProtocol=https;AccountName={ACCOUNT};AccountKey={KEY}"
BY_KEY = {"auth": "connection_string", "connection_string": CONNECTION_STRING, "table_name": "MarketplaceLeads"}

DIRECTORY = "72f988bf-86f1-41af-91ab-2d7cd011db47"
APPLICATION = "0b53d2c1-43d5-4d3c-9a5f-1f6d2b3c4d5e"
APPLICATION_KEY = "sesame~Application.Key"
AS_APPLICATION = {
    "auth": "entra",
    "account": ACCOUNT,
    "directory_id": DIRECTORY,
    "application_id": APPLICATION,
    "application_key": APPLICATION_KEY,
    "table_name": "MarketplaceLeads",
}
CHALLENGE = (
    f"Bearer authorization_uri=https://login.microsoftonline.com/{DIRECTORY}/oauth2/authorize "
    "resource_id=https://storage.azure.com"
)


def played_by(respond: Callable[[Call], Reply]) -> Behaviour:
    """Make a server behave as a stand-in does."""

    def behave(request: Recorded, line: Line) -> None:
        path, _, query = request.path.partition("?")
        host = request.headers.get("host", "")
        call = Call(
            method=request.method, host=host, path=path, query=query, headers=request.headers, body=request.body
        )
        line.write(_written(respond(call)))

    return behave


def tables(table: str = "MarketplaceLeads") -> FakeTables:
    """Make a fake account that has one table."""
    account = FakeTables(ACCOUNT, KEY)
    account.tables[table.lower()] = {}
    return account


def directly(azurite: Azurite, table: str = "MarketplaceLeads") -> TableClient:
    """Reach a table of the emulator past the portal, to make it or to look into it."""
    key = AzureNamedKeyCredential(ACCOUNT, KEY)
    return TableClient(f"http://127.0.0.1:{azurite.port}/{ACCOUNT}", table, credential=key)


class Directory:
    """Entra ID with one application, in front of a storage account that takes its tokens while they are good."""

    def __init__(self) -> None:
        self.issued: list[str] = []
        self.refused: set[str] = set()
        self.refuses_all = False
        self.account = FakeTables(ACCOUNT, KEY, self)
        self.account.tables["marketplaceleads"] = {}

    def __contains__(self, token: object) -> bool:
        return token in self.issued and token not in self.refused and not self.refuses_all

    def respond(self, call: Call) -> Reply:
        if call.host == "login.microsoftonline.com":
            return self._issue(call)
        reply = self.account.respond(call)
        headers = {**reply.headers, "WWW-Authenticate": CHALLENGE} if reply.status == 401 else reply.headers
        return Reply(reply.status, reply.body, reply.content_type, headers)

    def _issue(self, call: Call) -> Reply:
        form = {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
        wanted = {
            "grant_type": "client_credentials",
            "client_id": APPLICATION,
            "client_secret": APPLICATION_KEY,
            "scope": "https://storage.azure.com/.default",
        }
        if call.path != f"/{DIRECTORY}/oauth2/v2.0/token" or form != wanted:
            return Reply(401, json.dumps({"error": "invalid_client"}))
        self.issued.append(f"sesame-token-{len(self.issued)}")
        return Reply(200, json.dumps({"access_token": self.issued[-1], "expires_in": 3_600, "token_type": "Bearer"}))


def refusing(status: int, code: str | None = None, *, index: int | None = None, **headers: str) -> Behaviour:
    """Answer as Azure refuses: a whole request, or with ``index`` one row of a transaction."""
    refusal = Refusal(status, code or "")
    reply = refusal.reply() if index is None else transactions.undone(index, refusal)
    kept = {name: value for name, value in reply.headers.items() if code}
    body = reply.body if code else b""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = Reply(reply.status, body, reply.content_type, kept | named)
    return lambda _, line: line.write(_written(answer))


def rows_of(request: Recorded) -> list[str]:
    """List the row keys that a request writes, in order."""
    if request.method == "PUT":
        return [str(request.json()["RowKey"])]
    if request.path.partition("?")[0] != "/$batch":
        return []
    found = [line for line in request.body.split(b"\r\n") if line.startswith(b'{"')]
    return [str(json.loads(line)["RowKey"]) for line in found]


def behind(azurite: Azurite) -> Behaviour:
    return played_by(azurite.respond)


def _written(reply: Reply) -> bytes:
    body = reply.body.encode() if isinstance(reply.body, str) else reply.body
    lines = [f"HTTP/1.1 {reply.status} Status", f"Content-Type: {reply.content_type}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in reply.headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
