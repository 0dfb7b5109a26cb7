"""What a shared access signature (SAS) allows, and for how long. It says so itself, in clear text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import unquote

from connectors.azure_table.accounts import Fault

_PLAIN = re.compile(r"[\x21-\x7e]+")
_ESCAPES = re.compile(r"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class SharedAccess:
    """A signature as it is appended to addresses, and what it says."""

    token: str = field(repr=False)
    said: Mapping[str, str] = field(repr=False)

    @property
    def ends_at(self) -> datetime | None:
        """Return when it stops being good; None where a stored access policy says."""
        return _moment(self.said.get("se", ""))

    @property
    def starts_at(self) -> datetime | None:
        return _moment(self.said.get("st", ""))

    @property
    def for_one_table(self) -> bool:
        """Tell a signature for one table from one for the account."""
        return "tn" in self.said

    def lacks(self, rights: str) -> bool:
        """Tell whether any of these rights (r, a, u, d) is missing; a stored access policy is not known here."""
        return "sp" in self.said and not set(rights) <= set(self.said["sp"])

    def faults(self, table: str) -> Iterator[str]:
        """Name what keeps leads out of ``table``, each as the end of a sentence about the signature."""
        if self.said.get("tn", table).casefold() != table.casefold():
            yield f"is for another table than {table}"
        if self.lacks("au"):
            yield "must allow adding and updating (sp with a and u)"
        if not self.for_one_table:
            yield from self._account_faults()

    def _account_faults(self) -> Iterator[str]:
        if "t" not in self.said.get("ss", ""):
            yield "must be for the table service (ss with t)"
        if "o" not in self.said.get("srt", ""):
            yield "must be for objects, the rows of a table (srt with o)"


def read(token: str) -> SharedAccess:
    """Read a signature; Fault where it is none."""
    token = token.removeprefix("?")
    if not _PLAIN.fullmatch(token) or _ESCAPES.search(token) or set(token) & set('#"<>\\'):
        raise Fault("must hold a shared access signature as Azure shows it, such as sv=…&sp=…&sig=…")
    said = {name: unquote(value) for name, _, value in (part.partition("=") for part in token.split("&"))}
    if missing := [name for name in ("sv", "sig") if not said.get(name)]:
        raise Fault(f"must hold a whole shared access signature; {' and '.join(missing)} is missing")
    if "se" in said and _moment(said["se"]) is None:
        raise Fault("must hold a shared access signature that ends on a date (se=2027-01-31)")
    return SharedAccess(token, said)


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC)
