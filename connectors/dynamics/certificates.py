"""The certificate that signs in instead of a secret: a private key and its certificate in one PEM text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from cryptography.x509 import Certificate, load_pem_x509_certificates

SHORTEST = 2_048
"""Bits of a key that Entra ID takes."""
ASSERTION_LIFETIME = timedelta(minutes=5)
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----.+?-----END \1-----", re.DOTALL)


class Pair(NamedTuple):
    """A key and the certificate that Entra ID knows it by."""

    key: RSAPrivateKey
    certificate: Certificate

    @property
    def ends(self) -> datetime:
        return self.certificate.not_valid_after_utc

    @property
    def thumbprint(self) -> bytes:
        return self.certificate.fingerprint(hashes.SHA256())


def fault(pem: str) -> str:
    """Say why a PEM text cannot sign in, as the end of a sentence about it; ``""`` where it can."""
    try:
        pair = read(pem)
    except ValueError as error:
        return str(error)
    return f"ended on {pair.ends:%Y-%m-%d}; upload a new one." if pair.ends < datetime.now(UTC) else ""


@lru_cache(maxsize=64)
def read(pem: str) -> Pair:
    """Read the key, and among the certificates the one that belongs to it.

    The text of a ValueError ends a sentence about it.
    """
    key = _key(pem)
    for certificate in _certificates(pem):
        if _public(certificate) == _public(key):
            return Pair(key, certificate)
    raise ValueError("does not belong to the private key beside it.")


def ends(pem: str) -> date | None:
    """Return the last day of a certificate; None where it cannot be read."""
    try:
        return read(pem).ends.date()
    except ValueError:
        return None


def assertion(pem: str, application_id: str, url: str) -> Mapping[str, str]:
    """Sign that we are the application, for one request of a token.

    https://learn.microsoft.com/entra/identity-platform/certificate-credentials has the claims.
    """
    pair, now = read(pem), datetime.now(UTC)
    claims: dict[str, Any] = {
        "aud": url,
        "iss": application_id,
        "sub": application_id,
        "jti": str(uuid4()),
        "nbf": now,
        "iat": now,
        "exp": now + ASSERTION_LIFETIME,
    }
    headers = {"x5t#S256": jwt.utils.base64url_encode(pair.thumbprint).decode()}
    return {"client_assertion": jwt.encode(claims, pair.key, algorithm="PS256", headers=headers)}


def _key(pem: str) -> RSAPrivateKey:
    block = _blocks(pem, "PRIVATE KEY")
    if not block:
        raise ValueError("must come with its private key, in the same PEM text.")
    try:
        key = load_pem_private_key(block.encode(), None)
    except TypeError:
        raise ValueError("has a key that is locked with a passphrase; enter it without one.") from None
    except ValueError:
        raise ValueError("has a private key that cannot be read.") from None
    if not isinstance(key, RSAPrivateKey) or key.key_size < SHORTEST:
        raise ValueError(f"must have an RSA key of at least {SHORTEST:,} bits.")
    return key


def _certificates(pem: str) -> list[Certificate]:
    block = _blocks(pem, "CERTIFICATE")
    if not block:
        raise ValueError("must hold the certificate beside the private key, in the same PEM text.")
    try:
        return load_pem_x509_certificates(block.encode())
    except ValueError:
        raise ValueError("cannot be read as a certificate.") from None


def _blocks(pem: str, kind: str) -> str:
    return "\n".join(found[0] for found in _BLOCK.finditer(pem) if found[1].endswith(kind))


def _public(of: RSAPrivateKey | Certificate) -> bytes:
    return of.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
