"""Whether a person is still there, and taking a test lead away again."""

from __future__ import annotations

from typing import Any

from connectors.base import Landing
from connectors.errors import DeliveryError
from connectors.marketo import hosts
from connectors.marketo.client import Subscription

MARK = "msft_test_"
"""How the address of every test lead begins."""

_NOT_FOUND = ("marketo-1004", "marketo-702")


def landing(subscription: Subscription, person: str) -> Landing:
    """Tell whether a person is there; one that was merged with another goes by the other's id."""
    if not hosts.is_person_id(person):
        return "unprovable"
    found = _person(subscription, person)
    if found is None:
        return "missing"
    return "landed" if str(found.get("id")) == person else "merged"


def remove(subscription: Subscription, person: str) -> None:
    """Delete a person who is a test lead of ours, and nobody else."""
    found = _person(subscription, person) if hosts.is_person_id(person) else None
    if found and str(found.get("email", "")).casefold().startswith(MARK):
        subscription.ask("POST", "/rest/v1/leads/delete.json", body={"input": [{"id": int(person)}]})


def _person(subscription: Subscription, person: str) -> dict[str, Any] | None:
    try:
        found = subscription.ask("GET", f"/rest/v1/lead/{person}.json", params={"fields": "id,email"})
    except DeliveryError as problem:
        if problem.cause in _NOT_FOUND:
            return None
        raise
    return found[0] if found and isinstance(found[0], dict) else None
