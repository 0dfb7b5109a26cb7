"""Open a connection to a host: its addresses resolved once, all checked, one of them connected to."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from ipaddress import IPv4Address
from time import monotonic

from connectors.addresses import IPAddress, public_addresses
from connectors.budget import BudgetSocket
from connectors.connect_to import Detour
from connectors.errors import Misconfigured, Unavailable
from connectors.urls import PORTS

PATIENCE = 8.0
"""Seconds that one address may take to accept a connection."""


def dial(host: str, port: int, seconds: float) -> BudgetSocket:
    """Connect to a public address of ``host`` within ``seconds``, the budget of what follows too.

    Raise Misconfigured for a host or port that is never connected to, Unavailable if nobody answers.
    """
    if port not in PORTS:
        raise Misconfigured(f"Port {port} of {host} is not 443 or 8443.", cause="blocked-address")
    ends_at = monotonic() + seconds
    return _first_to_accept(host, port, public_addresses(host, seconds), ends_at)


def dial_detour(host: str, detour: Detour, seconds: float) -> BudgetSocket:
    """Connect to the sandbox that stands in for ``host``."""
    try:
        return BudgetSocket.connected((detour.host, detour.port), socket.AF_INET, seconds, seconds)
    except OSError as error:
        raise _unreachable(host, error) from error


def _first_to_accept(host: str, port: int, addresses: Sequence[IPAddress], ends_at: float) -> BudgetSocket:
    problem = OSError()
    for others, address in zip(range(len(addresses) - 1, -1, -1), addresses, strict=True):
        left = max(ends_at - monotonic(), 0.001)
        family = socket.AF_INET if isinstance(address, IPv4Address) else socket.AF_INET6
        try:
            return BudgetSocket.connected((str(address), port), family, min(PATIENCE, left / (others + 1)), left)
        except OSError as error:
            problem = error
    raise _unreachable(host, problem) from problem


def _unreachable(host: str, error: OSError) -> Unavailable:
    if isinstance(error, ConnectionRefusedError):
        return Unavailable(f"{host} refused the connection.", cause="refused", fix="Start the server at that address.")
    if isinstance(error, TimeoutError):
        return Unavailable(f"{host} did not accept a connection in time.", cause="connect-timeout")
    return Unavailable(f"{host} could not be reached.", cause="unreachable")
