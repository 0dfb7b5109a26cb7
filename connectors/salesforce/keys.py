"""The key that signs in by JWT."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

SHORTEST = 2_048
"""Bits."""


def fault(pem: str) -> str:
    """Say what is wrong with a private key, as the end of a sentence; ``""`` where it will do."""
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except TypeError:
        return "is locked with a passphrase; enter it without one."
    except ValueError:
        return "is no private key that can be read."
    if not isinstance(key, RSAPrivateKey):
        return "must be an RSA key: Salesforce takes RS256 alone."
    return "" if key.key_size >= SHORTEST else f"must have at least {SHORTEST:,} bits."
