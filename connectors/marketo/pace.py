"""How often Marketo is called: all who call one subscription share its limits, so we take half of them, and in turn.

https://experienceleague.adobe.com/en/docs/marketo-developer/marketo/rest/rest-api names them: 100 calls in 20 seconds,
10 at once, and a number of calls a day that ends at midnight US Central time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from connectors.errors import Unsent
from connectors.marketo import codes
from connectors.shared import Bucket, park, parked

CALLS = 50
WINDOW = 20.0
"""Seconds."""
AT_ONCE = 2
LONGEST = 45.0
"""Seconds that one delivery may take: up to 20 until there is room for its call, the rest for Marketo."""
ENOUGH = 10.0
"""Seconds that a call should have, once it may begin; half of what there is where that is less."""

_RESETS = ZoneInfo("America/Chicago")
_QUOTA = "marketo-607"


class Pace:
    """The pace of all calls to one subscription, whichever destination and worker makes them."""

    def __init__(self, munchkin_id: str) -> None:
        self._key = f"marketo:{munchkin_id}"

    @contextmanager
    def room(self, seconds: float) -> Iterator[None]:
        """Wait for room for one call that has so many seconds; Unsent where there will be none."""
        if until := parked(self._key):
            raise _parked(until)
        bucket = Bucket(self._key, CALLS, WINDOW, AT_ONCE, lease=LONGEST)
        with bucket.enter(max(seconds - ENOUGH, seconds / 2)):
            yield

    def heed(self, error: Unsent) -> None:
        """Have everybody wait where Marketo says that its limits are reached."""
        now = datetime.now(UTC)
        if error.cause == _QUOTA:
            error.retry_after = (reset(now) - now).total_seconds()
        until = now + timedelta(seconds=error.retry_after or 0)
        if until > (parked(self._key) or now):
            park(self._key, until)


def reset(now: datetime) -> datetime:
    """Return when the next day of Marketo's begins."""
    tomorrow = now.astimezone(_RESETS).date() + timedelta(days=1)
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=_RESETS).astimezone(UTC)


def _parked(until: datetime) -> Unsent:
    left = (until - datetime.now(UTC)).total_seconds()
    code = "607" if left > WINDOW else "606"
    meaning = codes.CODES[code]
    return Unsent(
        f"Marketo {meaning.sentence}",
        cause=f"marketo-{code}",
        fix=meaning.fix,
        who=meaning.who,
        retry_after=max(left, 1.0),
    )
