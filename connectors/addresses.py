"""Which network addresses a destination may have: public ones, and nothing of ours."""

from __future__ import annotations

import socket
from concurrent.futures import Future
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from threading import Thread

from connectors.errors import Misconfigured, Unavailable

IPAddress = IPv4Address | IPv6Address

_GLOBAL_UNICAST = ip_network("2000::/3")
"""Every public IPv6 address lies here; IPv4 in disguise (mapped, compatible, NAT64) and site-local ones do not."""

_NOT_PUBLIC = tuple(
    ip_network(network)
    for network in (
        "100.64.0.0/10",  # carrier-grade NAT; one cloud's metadata service
        "168.63.129.16/32",  # a cloud's own wire server
        "192.0.0.0/24",  # protocol assignments; another cloud's metadata service
        "192.88.99.0/24",  # 6to4 relays
        "2001::/23",  # Teredo, ORCHID and other protocol assignments
        "2002::/16",  # 6to4: any IPv4 address inside
        "3fff::/20",  # documentation
    )
)


def is_public(address: IPAddress) -> bool:
    """Tell whether an address is one that anybody on the internet could reach."""
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return False
    return not any(address in network for network in _NOT_PUBLIC)


def literal(host: str) -> IPAddress | None:
    """Read a host that is an address in any spelling the resolver takes (``127.1``, ``0x7f000001``, ``0177.0.0.1``)."""
    try:
        return ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host.rstrip(".")))
    except (OSError, UnicodeError):
        return None


def look_up(host: str) -> list[IPAddress]:
    """Ask the system's resolver; this can block for as long as it likes."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return [ip_address(str(entry[4][0])) for entry in found]


def public_addresses(host: str, seconds: float) -> list[IPAddress]:
    """Resolve a host once and answer its addresses, all checked.

    Raise Misconfigured if any is not public, Unavailable if there is none or the resolver takes too long.
    """
    addresses = _resolve(host, seconds)
    if not all(is_public(address) for address in addresses):
        raise Misconfigured(
            f"{host} has an address that is not public, so the portal does not connect to it.",
            cause="blocked-address",
            fix="Point the name at a public address only, or use another host.",
        )
    return addresses


def _resolve(host: str, seconds: float) -> list[IPAddress]:
    answer: Future[list[IPAddress]] = Future()
    Thread(target=_answer, args=(answer, host), daemon=True).start()
    try:
        return answer.result(timeout=seconds)
    except (OSError, UnicodeError) as error:
        raise Unavailable(
            f"No address was found for {host}.",
            cause="dns",
            fix="Check the spelling of the host, and that its DNS entry exists.",
        ) from error


def _answer(answer: Future[list[IPAddress]], host: str) -> None:
    try:
        answer.set_result(look_up(host))
    except Exception as error:  # noqa: BLE001 - handed to the thread that asked
        answer.set_exception(error)
