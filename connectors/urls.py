"""Which URLs a destination may have, as far as the text tells. What a name resolves to is checked when connecting."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

import idna

from connectors.addresses import is_public, literal

LONGEST = 2_048
PORTS = frozenset({None, 443, 8443})

_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")
_HOST_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))+\.?")
_LOCAL_NAMES = ("localhost", "local", "internal", "intranet", "lan", "home.arpa")


@lru_cache(maxsize=512)
def fault(url: str) -> str:
    """Name the first rule a URL breaks, as the end of a sentence about it; ``""`` where it breaks none."""
    if len(url) > LONGEST:
        return f"must be at most {LONGEST:,} characters long."
    if _UNSAFE.search(url):
        return "must not contain spaces, backslashes or control characters."
    if "#" in url:
        return "must not contain a fragment (#…)."
    try:
        return next(_faults(urlsplit(url)), "")
    except ValueError:
        return "is not a valid URL."


@lru_cache(maxsize=512)
def host_of(url: str) -> str:
    """Return a URL's host in the form it is looked up in: lower case, international names encoded."""
    return ascii_host(urlsplit(url).hostname or "")


def port_of(url: str) -> int:
    """Return a URL's port."""
    return urlsplit(url).port or 443


def ascii_host(host: str) -> str:
    """Encode an international host name; ValueError where it is none."""
    return host.lower() if host.isascii() else idna.encode(host, uts46=True).decode()


def _faults(url: SplitResult) -> Iterator[str]:
    rules: tuple[Callable[[SplitResult], str], ...] = (_scheme, _user, _port, _host)
    return filter(None, (rule(url) for rule in rules))


def _scheme(url: SplitResult) -> str:
    return "" if url.scheme == "https" else "must start with https://."


def _user(url: SplitResult) -> str:
    return "must not contain a user name or password; use the sign-in settings." if "@" in url.netloc else ""


def _port(url: SplitResult) -> str:
    return "" if url.port in PORTS else "must use port 443 or 8443."


def _host(url: SplitResult) -> str:
    host = ascii_host(url.hostname or "")
    if address := literal(host):
        return "" if is_public(address) else "must not point to a private, local or reserved network address."
    if not _HOST_NAME.fullmatch(host) or len(host) > 253:  # noqa: PLR2004 - the longest name DNS can hold
        return "must have a full host name, such as leads.example.com."
    local = host.rstrip(".").endswith(tuple(f".{name}" for name in _LOCAL_NAMES))
    return "must not name a host of a private network." if local else ""
