"""How the portal's pages say things: states, fields, numbers, times."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

from django import template
from django.db.models.enums import ChoicesType
from django.forms import BoundField
from django.template import Context
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from leads.models import Delivery, Destination, Lead, Member, Offer, PublicationStep

register = template.Library()

DASH = "\N{EN DASH}"

TONES = {
    "good": ("active", "live", "delivered", "passed"),
    "wait": ("waiting", "resting", "publishing", "preview", "sending", "running"),
    "bad": ("held", "rejected", "gave_up", "failed"),
    "odd": ("uncertain",),
    "off": ("draft", "paused", "withheld", "pending", "test"),
}
TONE_OF = {state: tone for tone, states in TONES.items() for state in states}
STATES: tuple[ChoicesType, ...] = (Destination.State, Delivery.State, Offer.Status, PublicationStep.State, Lead.Kind)
WORD_OF = {str(value): str(label) for states in STATES for value, label in states.choices}

PLACES = (
    ("Overview", "overview"),
    ("Offers", "offers"),
    ("Destinations", "destinations"),
    ("Leads", "leads"),
    ("Deliveries", "deliveries"),
)
"""The pages in the bar: label and URL name."""


class Timed(Protocol):
    """What began and ended."""

    started_at: datetime | None
    finished_at: datetime | None


class Place(NamedTuple):
    label: str
    href: str
    here: bool


@register.inclusion_tag("parts/state.html")
def state(value: str, word: str = "") -> dict[str, str]:
    """Show a state as word, colour and shape. ``word`` replaces the state's own."""
    return {"tone": TONE_OF[value], "word": word or WORD_OF[value]}


@register.inclusion_tag("parts/field.html")
def field(bound: BoundField, prefix: str = "") -> dict[str, Any]:
    """Show a form's field: label, control, and under it the help or, in its place, the error.

    ``prefix`` stands before what is typed and is part of what it will be.
    """
    words = "error" if bound.errors else "help" if bound.help_text else ""
    described_by = f"{bound.auto_id}_{words}" if words else ""
    attributes: dict[str, str | bool] = (
        {"aria-describedby": described_by} if described_by and not bound.use_fieldset else {}
    )
    control = bound.as_widget(attrs=attributes)
    return {
        "field": bound,
        "control": control,
        "described_by": described_by,
        "prefix": prefix,
        "optional": _is_optional(bound),
    }


@register.inclusion_tag("parts/bar.html", takes_context=True)
def bar(context: Context) -> dict[str, Any]:
    """Show the bar on top: where one can go, who one is."""
    request = context.get("request")
    user = getattr(request, "user", None)
    member = Member.objects.select_related("publisher").filter(user_id=user.pk).first() if user else None
    return {
        "home": reverse("overview"),
        "places": _places(request.path) if member and request else [],
        "member": member,
        "user": user,
        "csrf_token": context.get("csrf_token"),
    }


@register.filter
def number(value: float | None) -> str:
    """Write a whole number with its thousands apart; a dash for none."""
    return DASH if not value else f"{value:,.0f}"


@register.filter
def duration(seconds: float | None) -> str:
    """Write seconds as a person would: 31 ms, 0.8 s, 3 min, 2.5 h, 3.2 days."""
    if seconds is None:
        return DASH
    for limit, unit, divisor, digits in DURATIONS:
        if seconds < limit:
            return f"{seconds / divisor:.{digits}f} {unit}"
    return f"{seconds / 86_400:.1f} days"


DURATIONS = ((0.1, "ms", 0.001, 0), (60, "s", 1, 1), (3_600, "min", 60, 0), (86_400, "h", 3_600, 1))
"""Below how many seconds, which unit, of how many seconds, with how many digits."""


@register.filter
def took(timed: Timed) -> float | None:
    """Say how many seconds something took; None while it has not ended."""
    if timed.started_at is None or timed.finished_at is None:
        return None
    return (timed.finished_at - timed.started_at).total_seconds()


@register.filter
def moment(at: datetime | None) -> SafeString | str:
    """Write a time as near as it is: today 08:40, yesterday 08:40, 20 Nov 08:40, 20 Nov 2025."""
    return DASH if at is None else _time(at, _near(at))


@register.filter
def clock(at: datetime | None) -> SafeString | str:
    """Write a time that is near: 08:40 for today's, else as ``moment`` does."""
    if at is None or at.date() != timezone.now().date():
        return moment(at)
    return _time(at, f"{at:%H:%M}")


def _time(at: datetime, words: str) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', at.isoformat(timespec="seconds"), words)


def _is_optional(bound: BoundField) -> bool:
    """Tell whether it may stay empty: not so where it is needed with one choice of another, or has a choice made."""
    chosen = bound.widget_type == "select" and bound.initial
    return not (bound.field.required or chosen or "data-only-for" in bound.field.widget.attrs)


def _near(at: datetime) -> str:
    today = timezone.now().date()
    if at.date() == today:
        return f"today {at:%H:%M}"
    if at.date() == today - timedelta(days=1):
        return f"yesterday {at:%H:%M}"
    return f"{at.day} {at:%b %H:%M}" if at.year == today.year else f"{at.day} {at:%b %Y}"


def _places(path: str) -> list[Place]:
    hrefs = [(label, reverse(name)) for label, name in PLACES]
    return [Place(label, href, path == href if href == "/" else path.startswith(href)) for label, href in hrefs]
