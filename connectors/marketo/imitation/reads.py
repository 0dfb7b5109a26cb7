"""Reading from the imitated subscription."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qs

from connectors.marketo.imitation.subscription import Fault, Form, Row, Subscription
from connectors.marketo.imitation.tokens import USER


def person(subscription: Subscription, number: str, query: str) -> list[Row]:
    found = subscription.people.get(int(number))
    if found is None or found.get("isDeleted"):
        raise Fault("1004", f"Lead '{number}' not found")
    names = parse_qs(query).get("fields", ["id,email,firstName,lastName"])[0].split(",")
    return [{name: found.get(name) for name in names}]


def form(subscription: Subscription, number: str) -> list[Row]:
    found = _form(subscription, number)
    return [{"id": int(number), "name": found.name, "status": found.status}]


def questions(subscription: Subscription, number: str) -> list[Row]:
    return _form(subscription, number).fields


def program(subscription: Subscription, which: str, query: str) -> list[Row]:
    if which == "byName":
        name = parse_qs(query).get("name", [""])[0]
        return [{"id": number, "name": each} for number, each in subscription.programs.items() if each == name]
    number = int(which)
    return [{"id": number, "name": subscription.programs[number]}] if number in subscription.programs else []


def partitions(subscription: Subscription) -> list[Row]:
    return [{"id": number, "name": name} for number, name in enumerate(subscription.partitions, 1)]


def usage(subscription: Subscription) -> list[Row]:
    today, others = subscription.meter.today, 1_120
    users = [{"userId": USER, "count": today}, {"userId": "webinars@contoso.example", "count": others}]
    return [{"date": datetime.now(UTC).date().isoformat(), "total": today + others, "users": users}]


def _form(subscription: Subscription, number: str) -> Form:
    if int(number) not in subscription.forms:
        raise Fault("702", f"Form with id {number} not found")
    return subscription.forms[int(number)]
