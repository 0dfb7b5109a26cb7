"""Whatever is typed, nothing is sent but to hosts of Azure."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from connectors import registry
from connectors.azure_table.config import AzureTableConfig
from connectors.azure_table.forms import AzureTableForm
from connectors.azure_table.sandbox import ACCOUNT, KEY
from connectors.errors import Misconfigured
from connectors.fakes import FakeServer
from tests.connectors.azure_table.conftest import lead
from tests.connectors.azure_table.worlds import AS_APPLICATION, BY_KEY, Directory, played_by

ALLOWED = re.compile(
    r"[a-z0-9]{3,24}\.(table\.core\.(windows\.net|usgovcloudapi\.net|chinacloudapi\.cn|cloudapi\.de)"
    r"|z\d{1,2}\.table\.storage\.azure\.net)"
    r"|login\.(microsoftonline\.(com|us|de)|chinacloudapi\.cn)"
)
KEYED = f"AccountName={ACCOUNT};AccountKey={KEY}"
SIGNED = "SharedAccessSignature=sv=2019-02-02&sp=rau&se=2099-01-01&ss=t&srt=o&sig=sesame"

CONNECTION_STRINGS = [
    "hello",
    ";;;",
    "=;=",
    "UseDevelopmentStorage=true",
    f"UseDevelopmentStorage=true;DevelopmentStorageProxyUri=http://127.0.0.1;{KEYED}",
    f"DefaultEndpointsProtocol=http;{KEYED}",
    f"DefaultEndpointsProtocol=file;{KEYED}",
    f"DefaultEndpointsProtocol=https://evil.example/;{KEYED}",
    f"{KEYED};EndpointSuffix=evil.example",
    f"{KEYED};EndpointSuffix=core.windows.net.evil.example",
    f"{KEYED};EndpointSuffix=evil.example/core.windows.net",
    f"{KEYED};EndpointSuffix=core.windows.net@evil.example",
    f"{KEYED};EndpointSuffix=core.windows.net:8443",
    f"{KEYED};EndpointSuffix=core.windows.net/../x",
    f"{KEYED};EndpointSuffix=core.windows.net#",
    f"{KEYED};EndpointSuffix=core.windows.net?",
    f"{KEYED};EndpointSuffix=CORE.WINDOWS.NET",
    f"{KEYED};EndpointSuffix=core.windows.net\r\nHost: evil.example",
    f"{KEYED};EndpointSuffix=localhost",
    f"{KEYED};EndpointSuffix=169.254.169.254",
    f"{KEYED};TableEndpoint=https://evil.example/",
    f"{KEYED};TableEndpoint=http://{ACCOUNT}.table.core.windows.net/",
    f"{KEYED};TableEndpoint=https://127.0.0.1:10002/{ACCOUNT}",
    f"{KEYED};TableEndpoint=https://169.254.169.254/metadata",
    f"{KEYED};TableEndpoint=https://[::1]/",
    f"{KEYED};TableEndpoint=https://168.63.129.16/",
    f"{KEYED};TableEndpoint=https://{ACCOUNT}.table.core.windows.net@evil.example/",
    f"{KEYED};TableEndpoint=https://evil.example\\@{ACCOUNT}.table.core.windows.net/",
    f"{KEYED};TableEndpoint=https://{ACCOUNT}.table.core.windows.net:22/",
    f"{KEYED};TableEndpoint=https://{ACCOUNT}.table.core.windows.net/other",
    f"{KEYED};TableEndpoint=https://{ACCOUNT}.table.core.windows.net/?x=y",
    f"{KEYED};TableEndpoint=https://{ACCOUNT}.table.core.windows.net.evil.example/",
    f"{KEYED};TableEndpoint=https://other.table.core.windows.net/",
    f"{KEYED};TableEndpoint=//evil.example",
    f"{KEYED};TableEndpoint=evil.example",
    f"TableEndpoint=https://evil.example/;{SIGNED}",
    f"TableEndpoint=https://xtableycoreywindowsynet.evil.example/;{SIGNED}",
    f"TableEndpoint=https://{ACCOUNT}.z12.table.storage.azure.net.evil.example/;{SIGNED}",
    f"TableSecondaryEndpoint=https://evil.example/;{SIGNED}",
    f"BlobEndpoint=https://evil.example/;{SIGNED}",
    f"AccountName=evil.example/;AccountKey={KEY}",
    f"AccountName=evil.example#;AccountKey={KEY}",
    f"AccountName=..;AccountKey={KEY}",
    f"AccountName=ab;AccountKey={KEY}",
    f"AccountName=UPPERCASE;AccountKey={KEY}",
    f"AccountName=contoso-leads;AccountKey={KEY}",
    f"AccountName=contoso\u200bleads;AccountKey={KEY}",
    f"AccountName=\uff43ontoso;AccountKey={KEY}",
    f"AccountName={ACCOUNT}\nX;AccountKey={KEY}",
    f"AccountName={ACCOUNT};AccountName=evil;AccountKey={KEY}",
    f"AccountName={ACCOUNT};AccountKey=not base64!",
    f"AccountName={ACCOUNT};AccountKey=",
    f"AccountName={ACCOUNT}",
    f"{KEYED};{SIGNED}",
    f"{KEYED};ProxyUri=http://evil.example",
    f"TableEndpoint=https://{ACCOUNT}.table.core.windows.net/;SharedAccessSignature=sv=1&sig=a b",
    f"TableEndpoint=https://{ACCOUNT}.table.core.windows.net/;SharedAccessSignature=sv=1&sig=a#@evil.example",
    f"TableEndpoint=https://{ACCOUNT}.table.core.windows.net/;SharedAccessSignature=sv=1",
]
ACCOUNTS = [
    "evil.example",
    "https://evil.example",
    "contoso@evil.example",
    "contoso.table.core.windows.net@evil.example",
    "contoso.table.core.windows.net.evil.example",
    "contoso.table.core.windows.net/x",
    "contoso.blob.core.windows.net",
    "http://contoso.table.core.windows.net",
    "https://contoso.table.core.windows.net:8080",
    "127.0.0.1",
    "[::1]",
    "localhost.",
    "../contoso",
    "con toso",
    "CONTOSO",
    "contoso\r\nHost: x",
    "contoso%00",
    "a" * 25,
]
DIRECTORIES = [
    "..",
    "../common",
    "common/../../evil",
    "evil.example/x",
    "x@evil.example",
    "//evil.example",
    "https://evil.example",
    "72f988bf-86f1-41af-91ab-2d7cd011db47/../x",
    "72f988bf-86f1-41af-91ab-2d7cd011db47?x",
    "72f988bf-86f1-41af-91ab-2d7cd011db47#",
    "72f988bf-86f1-41af-91ab-2d7cd011db47%2f",
    "contoso",
    "-contoso.com",
    "contoso.c",
    "contoso.com\r\nX: y",
]
TABLES = [
    "tables",
    "Tables",
    "ab",
    "1table",
    "my table",
    "my-table",
    "../Tables",
    "a/b/c",
    "leads?x=y",
    "leads#",
    "leads()",
    "leads%2f",
    "$batch",
    "\u0422able",
    "leads\r\n",
    "x" * 64,
]
APPLICATIONS = ["app", "../x", "0b53d2c1-43d5-4d3c-9a5f-1f6d2b3c4d5", "x&scope=y"]

HOSTILE = (
    [("connection_string", BY_KEY, value) for value in CONNECTION_STRINGS]
    + [("account", AS_APPLICATION, value) for value in ACCOUNTS]
    + [("directory_id", AS_APPLICATION, value) for value in DIRECTORIES]
    + [("application_id", AS_APPLICATION, value) for value in APPLICATIONS]
    + [("table_name", BY_KEY, value) for value in TABLES]
    + [("table_name", AS_APPLICATION, value) for value in TABLES]
)


def test_there_are_enough_of_them() -> None:
    assert len(HOSTILE) >= 60


@pytest.mark.parametrize(("name", "stored", "value"), HOSTILE)
def test_form_refuses_and_names_the_field(name: str, stored: dict[str, Any], value: str) -> None:
    form = AzureTableForm(data=stored | {name: value})
    if form.is_valid():  # without the line break at its end, which is stripped from whatever is typed
        assert form.config()[name] == value.strip() != value
        return
    [sentence] = map(str, form.errors[name])
    assert sentence.endswith(".")
    assert KEY not in sentence


@pytest.mark.parametrize(("name", "stored", "value"), HOSTILE)
def test_nothing_leaves_even_if_it_was_stored(
    name: str, stored: dict[str, Any], value: str, azure_of_everything: FakeServer
) -> None:
    with registry.connect("azure_table", stored | {name: value}) as connector:
        [result] = connector.deliver([lead()])
        checks = list(connector.checks())
    assert isinstance(result, Misconfigured)
    assert (result.cause, bool(result.fix)) == ("settings", True)
    assert not all(check.passed for check in checks)
    hosts = {request.headers["host"] for request in azure_of_everything.requests}
    assert not [host for host in hosts if not ALLOWED.fullmatch(host)]
    assert not [request for request in azure_of_everything.requests if "/Tables" in request.path]


@pytest.mark.parametrize(
    ("stored", "host"),
    [
        ({"connection_string": f"{KEYED};EndpointSuffix=core.windows.net;"}, f"{ACCOUNT}.table.core.windows.net"),
        (
            {"connection_string": f" {KEYED};EndpointSuffix=core.chinacloudapi.cn"},
            f"{ACCOUNT}.table.core.chinacloudapi.cn",
        ),
        ({"connection_string": f"accountname={ACCOUNT};ACCOUNTKEY={KEY}"}, f"{ACCOUNT}.table.core.windows.net"),
        (
            {"connection_string": f"TableEndpoint=https://{ACCOUNT}.z12.table.storage.azure.net:443;{SIGNED}"},
            f"{ACCOUNT}.z12.table.storage.azure.net",
        ),
        (AS_APPLICATION | {"account": "contoso.table.core.usgovcloudapi.net"}, "contoso.table.core.usgovcloudapi.net"),
        (AS_APPLICATION | {"account": "localhost"}, "localhost.table.core.windows.net"),
        (AS_APPLICATION | {"account": "https://contoso.table.core.windows.net/"}, "contoso.table.core.windows.net"),
    ],
)
def test_all_of_azures_own_hosts_are_reached(stored: dict[str, str], host: str) -> None:
    form = AzureTableForm(data=BY_KEY | stored)
    assert form.is_valid(), form.errors
    assert AzureTableConfig.load(form.config()).access().account.host == host


@pytest.fixture
def azure_of_everything(settings: Settings) -> Any:
    """Answer for every host there is, and welcome everybody."""
    directory = Directory()
    with FakeServer(played_by(directory.respond)) as server:
        settings.SANDBOX = True
        settings.OUTBOUND_CONNECT_TO = f"*={server.url}"
        yield server
