"""Forms, programs and partitions: whether those that the settings name are there."""

from __future__ import annotations

from typing import Any

from connectors.errors import DeliveryError, Misconfigured
from connectors.marketo.client import Subscription

_READING = "Give the API user's role Read-Only Assets (Admin, Users & Roles)."


def form(subscription: Subscription) -> str:
    """Say which form it is; Misconfigured where there is none, or we may not look."""
    number = subscription.config.form_number
    try:
        found = subscription.ask("GET", f"/rest/asset/v1/form/{number}.json")
    except Misconfigured as problem:
        raise _unseen(problem, "forms") from None
    if not found:
        raise _missing(f"Marketo has no form {number}.", "form", "Copy the number after mktoForm_ in its embed code.")
    name, status = _named(found[0], number), str(_of(found[0], "status"))
    if not status.startswith("approved"):
        raise _missing(f"The form {name} is a draft.", "form", "Approve it in Design Studio.")
    return f"The form {name} is approved."


def program(subscription: Subscription) -> str:
    """Say which program it is, as far as we may look."""
    config = subscription.config
    if not config.program:
        return "None is chosen."
    path = f"/rest/asset/v1/program/{config.program_number if config.by_form else 'byName'}.json"
    params = None if config.by_form else {"name": config.program}
    try:
        found = subscription.ask("GET", path, params=params)
    except Misconfigured as problem:
        if not _is_denied(problem):
            raise
        return f"Whether there is a program {config.program} could not be seen. {_READING}"
    if not found:
        raise _missing(f"Marketo has no program {config.program}.", "program", "Check its name, or its number in PG….")
    return f"Leads come in by the program {_named(found[0], config.program)}."


def partition(subscription: Subscription) -> str:
    """Say whether the partition is one that the API user may use."""
    wanted = subscription.config.partition
    if not wanted:
        return "None is chosen, so leads go into the default one."
    found = [str(_of(each, "name")) for each in subscription.ask("GET", "/rest/v1/leads/partitions.json")]
    if wanted not in found:
        raise _missing(f"The API user has no partition {wanted}.", "partition", f"Choose one of {', '.join(found)}.")
    return f"The API user may use the partition {wanted}."


def _is_denied(problem: DeliveryError) -> bool:
    return problem.cause == "marketo-603"


def _unseen(problem: Misconfigured, what: str) -> Misconfigured:
    if not _is_denied(problem):
        return problem
    sentence = f"Marketo does not let the API user look at {what}."
    return Misconfigured(sentence, cause=problem.cause, fix=_READING, status=problem.status, answer=problem.answer)


def _missing(sentence: str, cause: str, fix: str) -> Misconfigured:
    return Misconfigured(sentence, cause=cause, fix=fix)


def _named(found: Any, otherwise: object) -> str:
    return str(_of(found, "name") or otherwise)


def _of(found: Any, key: str) -> Any:
    return found.get(key, "") if isinstance(found, dict) else ""
