"""Certificates made for the tests: a key and its certificate in one PEM text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

KEY = rsa.generate_private_key(65_537, 2_048)
DAYS = 200


def certificate(key: Any = KEY, days: int = DAYS) -> x509.Certificate:
    """Make a self-signed certificate that ends in so many days."""
    now = datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "publisher portal")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(7).not_valid_before(now - timedelta(days=400))
    return builder.not_valid_after(now + timedelta(days=days)).sign(key, hashes.SHA256())


def pem(
    key: Any = KEY, of: x509.Certificate | None = None, encryption: KeySerializationEncryption | None = None
) -> str:
    """Write a key and a certificate down as one text."""
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption()).decode()
    public = (of or certificate(key)).public_bytes(Encoding.PEM).decode()
    return f"{private}{public}".strip()


PEM = pem()
