"""How the portal's pages say things: states, fields, numbers, times."""

from __future__ import annotations

from typing import Any, NamedTuple

from django import template
from django.db.models.enums import ChoicesType
from django.forms import BoundField
from django.template import Context
from django.urls import reverse

from leads.models import Delivery, Destination, Lead, Member, Offer, PublicationStep, Replay
from portal import writing

register = template.Library()
for write in (writing.number, writing.duration, writing.took, writing.moment, writing.clock, writing.ago):
    register.filter(write.__name__, write)

TONES = {
    "good": ("active", "live", "delivered", "landed", "merged", "passed", "done"),
    "wait": ("waiting", "resting", "publishing", "preview", "sending", "running", "canary", "choosing"),
    "bad": ("held", "rejected", "gave_up", "failed", "stopped", "missing"),
    "odd": ("uncertain",),
    "off": ("draft", "paused", "withheld", "pending", "test", "unprovable"),
}
TONE_OF = {state: tone for tone, states in TONES.items() for state in states}
STATES: tuple[ChoicesType, ...] = (
    *(Destination.State, Delivery.State, Delivery.Landing, Replay.State),
    *(Offer.Status, PublicationStep.State, Lead.Kind),
)
WORD_OF = {str(value): str(label) for states in STATES for value, label in states.choices}

PLACES = (
    ("Overview", "overview"),
    ("Offers", "offers"),
    ("Destinations", "destinations"),
    ("Leads", "leads"),
    ("Deliveries", "deliveries"),
    ("Notifications", "notifications"),
)
"""The pages in the bar: label and URL name."""


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


def _is_optional(bound: BoundField) -> bool:
    """Tell whether it may stay empty: not so where it is needed with one choice of another, or has a choice made."""
    chosen = bound.widget_type == "select" and bound.initial
    return not (bound.field.required or chosen or "data-only-for" in bound.field.widget.attrs)


def _places(path: str) -> list[Place]:
    hrefs = [(label, reverse(name)) for label, name in PLACES]
    return [Place(label, href, path == href if href == "/" else path.startswith(href)) for label, href in hrefs]
