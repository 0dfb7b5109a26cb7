"""What the operator sees first."""

from __future__ import annotations

from dataclasses import dataclass

from django import template

from leads.balance import Balance, balance
from leads.filters import days_ago
from leads.models import Publisher
from leads.needs import Need, needs

register = template.Library()

DAYS = 30


@dataclass(frozen=True, slots=True)
class Overview:
    days: int
    books: Balance
    needs: list[Need]
    publishers: int


@register.simple_tag
def operator_overview() -> Overview:
    """Count the books of all publishers over the last days, and list whatever needs somebody."""
    return Overview(DAYS, balance(None, days_ago(DAYS)), needs(None), Publisher.objects.count())
