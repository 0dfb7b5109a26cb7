"""The e-mail address by which Marketo knows a person; it takes ASCII alone."""

from __future__ import annotations

import re

import idna

from connectors.errors import Rejected
from connectors.fitting import clean

LONGEST = 255

_LOCAL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+")
_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]*[a-z0-9])?")


def address(text: str) -> str:
    """Return an address as Marketo takes it; Rejected where there is none, or one that it does not take."""
    whole = clean(text)
    if not whole:
        raise _rejected("Marketo knows people by their e-mail address, and this lead has none.")
    local, _, domain = whole.rpartition("@")
    if not local.isascii():
        raise _rejected("Email has letters before the @ that Marketo does not take: it takes ASCII alone.")
    address = f"{local}@{_ascii(domain)}"
    if not _LOCAL.fullmatch(local) or len(address) > LONGEST:
        raise _no_address()
    return address


def _ascii(domain: str) -> str:
    try:
        found = domain.lower() if domain.isascii() else idna.encode(domain, uts46=True).decode()
    except UnicodeError:
        raise _no_address() from None
    if not _DOMAIN.fullmatch(found):
        raise _no_address()
    return found


def _no_address() -> Rejected:
    return _rejected(f"Email must be an address such as someone@example.com, with at most {LONGEST} characters.")


def _rejected(sentence: str) -> Rejected:
    return Rejected(sentence, cause="email", fix="Correct the address, then send this lead again.")
