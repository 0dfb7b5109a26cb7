"""The rungs of "Check connection", and the two that every destination has."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from time import monotonic, time
from typing import Any

from connectors.addresses import public_addresses
from connectors.base import Check
from connectors.budget import tls_context
from connectors.connect_to import detour
from connectors.dial import dial
from connectors.errors import DeliveryError
from connectors.faults import opening
from connectors.urls import host_of, port_of

PATIENCE = 10.0
"""Seconds for finding an address, and for a handshake."""
RENEW_BEFORE = 14
"""Days left on a certificate below which the sentence says so."""

Rung = tuple[str, Callable[[], str]]
"""A name and the work: it returns a sentence, or raises a DeliveryError."""


def climb(*rungs: Rung) -> Iterator[Check]:
    """Do one rung after the other, timed, and stop after the first that fails."""
    for name, work in rungs:
        began = monotonic()
        try:
            sentence = work()
        except DeliveryError as problem:
            seconds = monotonic() - began
            yield Check(name=name, passed=False, sentence=problem.sentence, fix=problem.fix, seconds=seconds)
            return
        yield Check(name=name, passed=True, sentence=sentence, seconds=monotonic() - began)


def find_address(url: str) -> str:
    """Say which addresses the host has, all of them checked."""
    host = host_of(url)
    if detour(host):
        return f"The sandbox answers in place of {host}, so its address is not looked up."
    addresses = sorted({str(address) for address in public_addresses(host, PATIENCE)})
    return f"{host} is {' and '.join(addresses)}."


def secure_connection(url: str) -> str:
    """Shake hands; say the TLS version and how long the certificate lasts."""
    host = host_of(url)
    if detour(host):
        return f"The sandbox answers in place of {host} in clear text, so there is no certificate to check."
    with (
        opening(host),
        dial(host, port_of(url), PATIENCE) as plain,
        tls_context().wrap_socket(plain, server_hostname=host) as secure,
    ):
        version, certificate = secure.version(), secure.getpeercert() or {}
    return f"{version}; {_lifetime(certificate)}"


def _lifetime(certificate: dict[str, Any]) -> str:
    days = int((ssl.cert_time_to_seconds(certificate["notAfter"]) - time()) // 86_400)
    advice = " Renew it now." if days < RENEW_BEFORE else ""
    return f"the certificate is valid for {days} more days.{advice}"
