"""Who is let in, and to do what: by the account's key, by a signature it has given, or by a token."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from connectors.azure_table.fake.refusals import Refusal
from connectors.stand_in import Call

EVERYTHING = "raudc"


@dataclass(frozen=True, slots=True)
class Pass:
    """The rights of whoever asks; ``table`` is the only one they are for, None for all."""

    rights: str = EVERYTHING
    table: str | None = None

    def check(self, table: str, rights: str) -> None:
        """Raise the Refusal that Azure would give."""
        if self.table is not None and table.lower() != self.table:
            raise Refusal(403, "AuthorizationFailure")
        if not set(rights) <= set(self.rights):
            raise Refusal(403, "AuthorizationPermissionMismatch")


class Gate:
    """The account's own check of every request."""

    def __init__(self, account: str, key: str, tokens: Container[str]) -> None:
        self._account = account
        self._key = base64.b64decode(key)
        self._tokens = tokens

    def admit(self, call: Call) -> Pass:
        """Answer what a request may do; Refusal where it is not let in."""
        scheme, _, proof = call.headers.get("authorization", "").partition(" ")
        said = dict(parse_qsl(call.query.replace("+", "%2B")))
        if "sig" in said:
            return self._signed(said)
        if scheme == "Bearer" and proof not in self._tokens:
            raise Refusal(401, "InvalidAuthenticationInfo")
        own = f"{self._account}:{self._proof(_told(call, self._account))}"
        if scheme == "SharedKey" and not hmac.compare_digest(proof, own):
            raise Refusal(403, "AuthenticationFailed")
        if scheme not in ("Bearer", "SharedKey"):
            raise Refusal(403, "NoAuthenticationInformation")
        return Pass()

    def _signed(self, said: Mapping[str, str]) -> Pass:
        told = _table_signature(said, self._account) if "tn" in said else _account_signature(said, self._account)
        ends = datetime.fromisoformat(said["se"])
        if not hmac.compare_digest(said["sig"], self._proof(told)) or ends < datetime.now(UTC):
            raise Refusal(403, "AuthenticationFailed")
        return Pass(said["sp"], said["tn"].lower() if "tn" in said else None)

    def _proof(self, told: str) -> str:
        return base64.b64encode(hmac.digest(self._key, told.encode(), hashlib.sha256)).decode()


def _told(call: Call, account: str) -> str:
    content_type, date = call.headers.get("content-type", ""), call.headers.get("x-ms-date", "")
    return f"{call.method}\n\n{content_type}\n{date}\n/{account}{call.path}"


def _table_signature(said: Mapping[str, str], account: str) -> str:
    place = f"/table/{account}/{said['tn'].lower()}"
    first = [*(said.get(name, "") for name in ("sp", "st", "se")), place]
    rest = ("si", "sip", "spr", "sv", "spk", "srk", "epk", "erk")
    return "\n".join([*first, *(said.get(name, "") for name in rest)])


def _account_signature(said: Mapping[str, str], account: str) -> str:
    names = ("sp", "ss", "srt", "st", "se", "sip", "spr", "sv")
    return "\n".join([account, *(said.get(name, "") for name in names), ""])
