"""What became of a lead, as the portal says it."""

from __future__ import annotations

from typing import Literal

from connectors.base import Receipt
from connectors.dynamics import hosts, keys, outcomes
from connectors.dynamics.answered import Answer
from connectors.dynamics.client import Dataverse
from connectors.errors import DeliveryError

Result = Receipt | DeliveryError

CREATED = 204
_ANOTHER = frozenset(("0x80040333", "0x80060892"))
"""Codes by which another record than ours is meant."""


def judge(answer: Answer, ours: str, environment: Dataverse) -> Result:
    """Turn the answer to one write into the lead's result; ``ours`` is the id that its record has."""
    if answer.status == CREATED:
        return _receipt(answer, "created", ours, environment)
    if outcomes.is_duplicate(answer):
        return _receipt(answer, "duplicate", _existing(answer, ours), environment)
    return outcomes.refused(answer, environment.mask)


def _existing(answer: Answer, ours: str) -> str:
    """Return the id of the record that is there: ours, or the other one where the answer names it."""
    found = answer.complaint
    return hosts.guid_in(found.message, but=ours).lower() if found.code in _ANOTHER else ours


def _receipt(answer: Answer, outcome: Literal["created", "duplicate"], found: str, environment: Dataverse) -> Receipt:
    return Receipt(
        outcome=outcome,
        status=answer.status,
        answer=answer.kept(environment.mask),
        remote_id=found,
        remote_url=keys.record_url(environment.config.instance_url, found) if found else "",
    )
