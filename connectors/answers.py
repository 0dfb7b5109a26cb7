"""Read what a target answered: safe to store, safe to show."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote, quote_plus

from requests.models import Response

from connectors.errors import ANSWER_LIMIT

MASK = "••••••••"
SHORTEST_SECRET = 4
"""Characters; masking a shorter one would blot out the answer and hide nothing."""
LONGEST_WAIT = 7 * 86_400.0
"""Seconds; a target that names a later time is asked again after a week all the same."""


def is_away(status: int) -> bool:
    """Tell a status by which a server says "not now" from one that is about the request."""
    return status in (408, 425, 429) or status >= 500  # noqa: PLR2004


def text(response: Response, secrets: Iterable[str] = ()) -> str:
    """Decode a body for the log: at most 2 kB, no NUL (PostgreSQL stores none), our own secrets masked if echoed."""
    decoded = response.content.decode("utf-8", "replace").replace("\x00", "")
    return masked(decoded, secrets)[:ANSWER_LIMIT]


def masked(value: str, secrets: Iterable[str]) -> str:
    """Hide every spelling in which one of the secrets may be echoed, the longest first."""
    spellings = {spelling for secret in secrets if len(secret) >= SHORTEST_SECRET for spelling in _spellings(secret)}
    for spelling in sorted(spellings, key=len, reverse=True):
        value = value.replace(spelling, MASK)
    return value


def retry_after(response: Response) -> float | None:
    """Return the seconds a target asks us to wait, None where it names no time that can be read."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:10]), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    seconds = (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    return min(max(seconds, 0.0), LONGEST_WAIT)


def _spellings(secret: str) -> Iterator[str]:
    yield secret
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield html.escape(secret)
    yield quote(secret, safe="")
    yield quote_plus(secret)
    yield base64.b64encode(secret.encode()).decode()
