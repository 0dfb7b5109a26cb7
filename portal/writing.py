"""How the portal writes numbers and times for people."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

DASH = "\N{EN DASH}"
DURATIONS = ((0.1, "ms", 0.001, 0), (60, "s", 1, 1), (3_600, "min", 60, 0), (86_400, "h", 3_600, 1))
"""Below how many seconds, which unit, of how many seconds, with how many digits."""


class Timed(Protocol):
    """What began and ended."""

    started_at: datetime | None
    finished_at: datetime | None


def number(value: float | None) -> str:
    """Write a whole number with its thousands apart; a dash for none."""
    return DASH if not value else f"{value:,.0f}"


def duration(seconds: float | None) -> str:
    """Write seconds as a person would: 31 ms, 0.8 s, 3 min, 2.5 h, 3.2 days."""
    if seconds is None:
        return DASH
    for limit, unit, divisor, digits in DURATIONS:
        if seconds < limit:
            return f"{seconds / divisor:.{digits}f} {unit}"
    return f"{seconds / 86_400:.1f} days"


def took(timed: Timed) -> float | None:
    """Say how many seconds something took; None while it has not ended."""
    if timed.started_at is None or timed.finished_at is None:
        return None
    return (timed.finished_at - timed.started_at).total_seconds()


def moment(at: datetime | None) -> SafeString | str:
    """Write a time as near as it is: today 08:40, yesterday 08:40, 20 Nov 08:40, 20 Nov 2025."""
    return DASH if at is None else _time(at, _near(at))


def clock(at: datetime | None) -> SafeString | str:
    """Write a time that is near: 08:40 for today's, else as ``moment`` does."""
    if at is None or at.date() != timezone.now().date():
        return moment(at)
    return _time(at, f"{at:%H:%M}")


def ago(at: datetime | None) -> SafeString | str:
    """Write how long ago something was: just now, 3 min ago, 3 h ago, 3.2 days ago; "never" for none."""
    if at is None:
        return "never"
    seconds = (timezone.now() - at).total_seconds()
    return _time(at, f"{duration(seconds).replace('.0 ', ' ')} ago" if seconds >= 60 else "just now")  # noqa: PLR2004 - a minute


def _time(at: datetime, words: str) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', at.isoformat(timespec="seconds"), words)


def _near(at: datetime) -> str:
    today = timezone.now().date()
    if at.date() == today:
        return f"today {at:%H:%M}"
    if at.date() == today - timedelta(days=1):
        return f"yesterday {at:%H:%M}"
    return f"{at.day} {at:%b %H:%M}" if at.year == today.year else f"{at.day} {at:%b %Y}"
