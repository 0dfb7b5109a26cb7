"""Keys of machines: shown once, stored as a digest."""

from __future__ import annotations

import hashlib
import secrets

from django.utils import timezone

from leads.models import ApiKey, Publisher

# Building this query in Python would cost more than its answer.
FIND = "SELECT * FROM leads_apikey WHERE digest = %s AND revoked_at IS NULL"


def issue(name: str, publisher: Publisher | None = None) -> tuple[ApiKey, str]:
    """Make a key, for a publisher or, without one, for the marketplace's intake; return it with its text."""
    token = f"{'pub' if publisher else 'intake'}_{secrets.token_urlsafe(32)}"
    key = ApiKey.objects.create(name=name, publisher=publisher, start=token[:12], digest=digest(token))
    return key, token


def find(token: str) -> ApiKey | None:
    """Find a key that is not revoked by its text, with its publisher."""
    return ApiKey.objects.select_related("publisher").filter(digest=digest(token), revoked_at=None).first()


def recognise(token: str) -> ApiKey | None:
    """Find a key that is not revoked by its text, and nothing more: every lead that is sent begins here."""
    return next(iter(ApiKey.objects.raw(FIND, [digest(token)])), None)


def revoke(key: ApiKey) -> None:
    """End a key; the row stays, because leads name it."""
    key.revoked_at = timezone.now()
    key.save(update_fields=["revoked_at"])


def digest(token: str) -> str:
    """Return what is stored of a token."""
    # A plain digest serves: the token is 256 random bits, so there is nothing to guess.
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
