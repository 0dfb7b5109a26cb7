"""Connection strings of storage accounts, read by our own rules: none of their text becomes an address unchecked."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.azure_table import accounts, shared_access
from connectors.azure_table.accounts import Account, Fault
from connectors.azure_table.shared_access import SharedAccess

_USED = frozenset(
    (
        "defaultendpointsprotocol",
        "accountname",
        "accountkey",
        "endpointsuffix",
        "tableendpoint",
        "sharedaccesssignature",
    )
)
_OTHER_SERVICES = re.compile(r"(blob|queue|file|dfs|web|table|tablesecondary)(secondary)?endpoint")
"""Parts that lead elsewhere; Azure writes them into each connection string with a signature. They are not used."""


@dataclass(frozen=True, slots=True)
class Access:
    """An account, and either its key or a signature that it has given."""

    account: Account
    key: str = field(default="", repr=False)
    shared: SharedAccess | None = None

    @property
    def secrets(self) -> list[str]:
        """List what must not be seen."""
        shared = [self.shared.token, self.shared.said["sig"]] if self.shared else []
        return [self.key, *shared] if self.key else shared


def read(text: str) -> Access:
    """Read a connection string; Fault names the rule it breaks, and quotes none of it."""
    parts = _parts(text)
    if "usedevelopmentstorage" in parts:
        raise Fault("must be that of a storage account; UseDevelopmentStorage is somebody's own machine")
    if not all(name in _USED or _OTHER_SERVICES.fullmatch(name) for name in parts):
        raise Fault("has a part that belongs to no storage account; copy it anew from Azure, whole")
    if parts.get("defaultendpointsprotocol", "https").lower() != "https":
        raise Fault("must have DefaultEndpointsProtocol=https")
    return _access(_account(parts), parts)


def _parts(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in filter(None, text.strip().split(";")):
        name, equals, value = part.partition("=")
        if not equals or not value:
            raise Fault("must be parts of the form Name=value with ; between them; copy it anew from Azure, whole")
        if name.lower() in parts:
            raise Fault("has one of its parts twice; copy it anew from Azure, whole")
        parts[name.lower()] = value
    return parts


def _account(parts: Mapping[str, str]) -> Account:
    endpoint, name = parts.get("tableendpoint"), parts.get("accountname")
    if endpoint is None and name is None:
        raise Fault("must have AccountName=…, or TableEndpoint=… with a signature")
    found = _endpoint(endpoint) if endpoint else _named(name or "", parts.get("endpointsuffix"))
    if name is not None and name != found.name:
        raise Fault("has an AccountName and a TableEndpoint that are not of the same account")
    return found


def _endpoint(endpoint: str) -> Account:
    try:
        return accounts.at(endpoint)
    except Fault as fault:
        raise Fault(f"has a TableEndpoint that {fault}") from None


def _named(name: str, suffix: str | None) -> Account:
    try:
        return accounts.named(name, suffix or "core.windows.net")
    except Fault as fault:
        part = "AccountName" if str(fault) == accounts.NAME_RULE else "EndpointSuffix"
        rule = fault if part == "AccountName" else "is not one of Azure's; leave it as Azure shows it"
        raise Fault(f"has an {part} that {rule}") from None


def _access(account: Account, parts: Mapping[str, str]) -> Access:
    key, signature = parts.get("accountkey", ""), parts.get("sharedaccesssignature", "")
    if bool(key) == bool(signature):
        raise Fault("must have either AccountKey=… or SharedAccessSignature=…")
    if signature:
        return Access(account, shared=shared_access.read(signature))
    if not _is_key(key):
        raise Fault("has an AccountKey that is not base64; copy it anew from Azure, whole")
    return Access(account, key=key)


def _is_key(text: str) -> bool:
    try:
        return bool(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        return False
