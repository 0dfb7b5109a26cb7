"""What the operator sees first."""

from __future__ import annotations

from dataclasses import dataclass

from django import template
from django.template import Context
from django.urls import reverse

from leads.balance import Balance, balance
from leads.failures import Group
from leads.filters import days_ago
from leads.models import Publisher
from leads.needs import needs

register = template.Library()

DAYS = 30


@dataclass(frozen=True, slots=True)
class Overview:
    days: int
    books: Balance
    needs: list[Group]
    publishers: int


@register.simple_tag
def operator_overview() -> Overview:
    """Count the books of all publishers over the last days, and list whatever needs somebody."""
    return Overview(DAYS, balance(None, days_ago(DAYS)), needs(None), Publisher.objects.count())


@dataclass(frozen=True, slots=True)
class Place:
    label: str
    href: str
    here: bool


@register.simple_tag(takes_context=True)
def operator_places(context: Context) -> list[Place]:
    """List the tables this operator may open, in the order of use."""
    request = context["request"]
    shown = [(label, model) for label, model in PLACES if request.user.has_perm(permission(model))]
    places = [(label, reverse(f"admin:{model}_changelist")) for label, model in shown]
    return [Place(label, href, request.path.startswith(href)) for label, href in places]


def permission(model: str) -> str:
    app, _, name = model.partition("_")
    return f"{app}.view_{name}"


PLACES = (
    ("Offers", "leads_offer"),
    ("Leads", "leads_lead"),
    ("Deliveries", "leads_delivery"),
    ("Replays", "leads_replay"),
    ("Destinations", "leads_destination"),
    ("Publishers", "leads_publisher"),
    ("Members", "leads_member"),
    ("API keys", "leads_apikey"),
    ("Exports", "leads_export"),
    ("Mail", "leads_notice"),
    ("Users", "auth_user"),
)
