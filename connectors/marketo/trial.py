"""A write that changes nobody, and how many calls were made today."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from connectors.errors import DeliveryError, Misconfigured
from connectors.marketo import outcomes
from connectors.marketo.client import Subscription
from connectors.marketo.layout import KEY

_NOBODY = "1004"
_DENIED = "marketo-603"


def write(subscription: Subscription) -> str:
    """Change a person who does not exist: that Marketo finds nobody proves that we might have."""
    person = {KEY: f"{uuid4().hex}@probe.invalid"}
    body = {"action": "updateOnly", "lookupField": KEY, "input": [person]}
    try:
        rows = subscription.ask("POST", "/rest/v1/leads.json", body=body)
    except Misconfigured as problem:
        raise _read_only(problem) from None
    if len(rows) != 1 or not isinstance(rows[0], dict):
        raise outcomes.unreadable(200)
    if [complaint.code for complaint in outcomes.reasons(rows[0])] != [_NOBODY]:
        raise outcomes.refused_record(rows[0], subscription.mask)
    return "The API user may write: asked to change a person who does not exist, Marketo looked and found nobody."


def usage(subscription: Subscription) -> str:
    """Say how many calls there were today, by everybody and by us, as far as we may look."""
    try:
        found = subscription.ask("GET", "/rest/v1/stats/usage.json")
    except Misconfigured as problem:
        if problem.cause != _DENIED:
            raise
        return "How many calls were made today could not be seen: the API user's role does not let it."
    total, ours = _counted(found[0] if found else {}, _user(subscription))
    shares = f"{ours:,} of them by our API user" if ours is not None else "by all who use its API"
    return f"{total:,} calls were made today, {shares}. Most subscriptions have 50,000 a day; 300 leads take one."


def _counted(day: Any, user: str) -> tuple[int, int | None]:
    try:
        users = {str(each["userId"]): int(each["count"]) for each in day.get("users", ())}
        return int(day.get("total", 0)), users.get(user)
    except (AttributeError, KeyError, TypeError, ValueError):
        raise outcomes.unreadable(200) from None


def _user(subscription: Subscription) -> str:
    return str(subscription.token().said.get("scope", ""))


def _read_only(problem: DeliveryError) -> DeliveryError:
    if problem.cause != _DENIED:
        return problem
    return Misconfigured(
        "The API user may see people, but not write them.",
        cause=problem.cause,
        fix="Give its role Read-Write Person (Admin, Users & Roles).",
        status=problem.status,
        answer=problem.answer,
    )
