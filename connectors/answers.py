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


class Mask:
    """Hides our secrets in text from outside, in every spelling in which it may echo them."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        kept = [secret for secret in secrets if len(secret) >= SHORTEST_SECRET]
        self._spellings = sorted(
            {spelling for secret in kept for spelling in _spellings(secret)}, key=len, reverse=True
        )

    def __call__(self, text: str) -> str:
        for spelling in self._spellings:
            text = text.replace(spelling, MASK)
        return text


def text(response: Response, mask: Mask) -> str:
    """Decode a body for the log: at most 2 kB, without NUL (PostgreSQL stores none), our secrets masked."""
    return mask(response.content.decode("utf-8", "replace").replace("\x00", ""))[:ANSWER_LIMIT]


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
