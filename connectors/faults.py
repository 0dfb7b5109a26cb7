"""Turn what the transport raises into the error tree: the one place that knows both."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import requests
from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as TransportTimeout
from urllib3.util.ssl_match_hostname import CertificateError

from connectors.errors import DeliveryError, Misconfigured, Unanswered, Unavailable

_CERTIFICATE_FAULTS = {
    9: "is not valid yet",
    10: "has expired",
    18: "is self-signed",
    19: "was issued by an authority that is not publicly trusted",
    20: "is sent without the intermediate certificate that leads to its authority",
    21: "is sent without the intermediate certificate that leads to its authority",
    62: "was issued for another name",
    64: "was issued for another name",
}
"""By OpenSSL's verify code; the sentence begins "The certificate of <host>"."""


@contextmanager
def opening(host: str) -> Iterator[None]:
    """Explain what goes wrong before a connection is up, when nothing has been sent."""
    try:
        yield
    except (ssl.SSLError, CertificateError) as error:
        raise _handshake_fault(host, error) from error
    except TimeoutError as error:
        raise Unavailable(f"{host} did not complete the secure connection in time.", cause="tls-timeout") from error
    except OSError as error:
        raise Unavailable(f"{host} broke off the secure connection.", cause="tls-broken") from error


@contextmanager
def exchanging(host: str) -> Iterator[None]:
    """Explain what goes wrong once a request may have been sent.

    The library's own exception is left behind: its text holds the whole URL, and a URL may hold a key.
    """
    try:
        yield
    except DeliveryError:
        raise
    except (HTTPError, OSError) as error:
        raise _unanswered(host, timed_out=_timed_out(error)) from None
    except ValueError:
        raise _unsendable() from None


@contextmanager
def preparing() -> Iterator[None]:
    """Explain a request that cannot even be written down."""
    try:
        yield
    except (requests.RequestException, ValueError):
        raise _unsendable() from None


def _timed_out(error: Exception) -> bool:
    # What times out while it is sent, not while it is read, urllib3 wraps as "Connection aborted."
    return any(isinstance(told, TransportTimeout | TimeoutError) for told in (error, *error.args))


def _unanswered(host: str, *, timed_out: bool) -> DeliveryError:
    if timed_out:
        return Unanswered(f"{host} did not answer in the time allowed.", cause="timeout")
    return Unanswered(f"{host} broke off the connection before it answered.", cause="broken-off")


def _unsendable() -> DeliveryError:
    return Misconfigured(
        "The address or a header of this destination cannot be sent over HTTP.",
        cause="address",
        fix="Check the address and the sign-in settings for stray line breaks and special characters.",
    )


def _handshake_fault(host: str, error: Exception) -> DeliveryError:
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return Unavailable(f"{host} broke off the secure connection.", cause="tls-broken")
    if isinstance(error, ssl.SSLCertVerificationError):
        flaw = _CERTIFICATE_FAULTS.get(error.verify_code, "could not be verified")
        return Misconfigured(
            f"The certificate of {host} {flaw}.",
            cause="certificate",
            fix="Install a certificate for this name, with its chain, from a publicly trusted authority.",
        )
    return Misconfigured(
        f"{host} does not offer a secure connection the portal can use.",
        cause="tls",
        fix="Serve HTTPS with TLS 1.2 or newer on this port.",
    )
