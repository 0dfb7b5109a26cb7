"""Which storage account a destination is in. Its host is made of a checked name and a suffix from a fixed list."""

from __future__ import annotations

import re
from dataclasses import dataclass

SIGN_IN_HOSTS = {
    "core.windows.net": "login.microsoftonline.com",
    "core.usgovcloudapi.net": "login.microsoftonline.us",
    "core.chinacloudapi.cn": "login.chinacloudapi.cn",
    "core.cloudapi.de": "login.microsoftonline.de",
    "storage.azure.net": "login.microsoftonline.com",
}
"""Where an application signs in, by what the hosts of its cloud end in."""

NAME_RULE = "must have 3 to 24 lower-case letters and digits"
HOST_RULE = "must be the table endpoint of an Azure storage account, such as contoso.table.core.windows.net"

_NAME = re.compile(r"[a-z0-9]{3,24}")
_HOST = re.compile(
    r"(?P<name>[a-z0-9]{3,24})\."
    r"(?:table\.(?P<cloud>core\.(?:windows\.net|usgovcloudapi\.net|chinacloudapi\.cn|cloudapi\.de))"
    r"|z[0-9]{1,2}\.table\.(?P<zoned>storage\.azure\.net))"
)
_ENDPOINT = re.compile(r"https://(?P<host>[a-z0-9.]+)(?::443)?/?")


class Fault(ValueError):
    """What was typed breaks a rule; the text is the end of a sentence about it, without a full stop."""


@dataclass(frozen=True, slots=True)
class Account:
    """A storage account and the host of its tables."""

    name: str
    host: str
    cloud: str

    @property
    def url(self) -> str:
        return f"https://{self.host}"

    @property
    def sign_in_host(self) -> str:
        return SIGN_IN_HOSTS[self.cloud]


def named(name: str, suffix: str = "core.windows.net") -> Account:
    """Return the account of a name; Fault for a name or suffix that Azure does not have."""
    if not _NAME.fullmatch(name):
        raise Fault(NAME_RULE)
    return hosted(f"{name}.table.{suffix}")


def hosted(host: str) -> Account:
    """Return the account whose tables are at a host; Fault for any host that is not Azure's."""
    if not (found := _HOST.fullmatch(host)):
        raise Fault(HOST_RULE)
    return Account(found["name"], host, found["cloud"] or found["zoned"])


def at(endpoint: str) -> Account:
    """Return the account whose tables are at an address with https; Fault for any other."""
    if not (found := _ENDPOINT.fullmatch(endpoint)):
        raise Fault(f"{HOST_RULE}, after https://")
    return hosted(found["host"])


def typed(text: str) -> Account:
    """Read an account as people give it: its name, its host, or its address."""
    if "://" in text:
        return at(text)
    return hosted(text) if "." in text else named(text)
