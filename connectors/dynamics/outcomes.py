"""What the refusals of Dataverse mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors import answers
from connectors.answers import Mask
from connectors.dynamics import codes
from connectors.dynamics.answered import Answer, Complaint, unreadable
from connectors.dynamics.codes import Meaning
from connectors.errors import DeliveryError, Misconfigured, Rejected, Unavailable

ALIKE = 5
"""Leads refused in one batch for the same reason, from which on the reason is not the leads'."""


def is_duplicate(answer: Answer) -> bool:
    """Tell whether Dataverse refused a lead because it has it; the code says so whatever the status."""
    means = answer.complaint.meaning
    return not answer.taken and means is not None and means.kind == "duplicate"


def refused(answer: Answer, mask: Mask) -> DeliveryError:
    """Judge a refusal: by its code, and where that is not known by its status."""
    found = answer.complaint
    facts: dict[str, Any] = {"status": answer.status, "answer": answer.kept(mask)}
    if answer.status == 401:  # noqa: PLR2004
        return _signed_out(facts)
    if found.meaning is None:
        return _unexplained(answer, found, facts)
    return _explained(found, found.meaning, answer, facts)


def alike(results: Sequence[object]) -> Misconfigured | None:
    """Tell the fault of the settings from that of leads: a batch of leads, all refused for the same reason."""
    rejected = [result for result in results if isinstance(result, Rejected)]
    if len(rejected) < max(ALIKE, len(results)) or len({error.sentence for error in rejected}) > 1:
        return None
    first = rejected[0]
    fix = "Every lead met this, so the mapping or a rule of the environment stops them. " + first.fix
    return Misconfigured(first.sentence, cause=first.cause, fix=fix, status=first.status, answer=first.answer)


def _explained(found: Complaint, means: Meaning, answer: Answer, facts: dict[str, Any]) -> DeliveryError:
    named = codes.culprit(found.message)
    sentence = f"Dynamics 365 {means.sentence.removesuffix('.')}{f' ({named}).' if named else '.'}"
    cause = found.code or f"http-{answer.status}"
    facts |= {"cause": cause, "fix": means.fix}
    if means.kind == "limit":
        return Unavailable(sentence, retry_after=answer.wait or codes.WAIT, **facts)
    if means.kind == "away":
        return Unavailable(sentence, retry_after=answer.wait, **facts)
    return (Rejected if means.kind in ("invalid", "duplicate") else Misconfigured)(sentence, **facts)


def _unexplained(answer: Answer, found: Complaint, facts: dict[str, Any]) -> DeliveryError:
    status = answer.status
    facts |= {"cause": found.code or f"http-{status}"}
    if answer.taken:
        return unreadable(status)
    if answers.is_away(status):
        limited = status == 429  # noqa: PLR2004
        what = "asks us to slow down" if limited else f"is unavailable ({status})"
        return Unavailable(
            f"Dynamics 365 {what}.", retry_after=answer.wait or (codes.WAIT if limited else None), **facts
        )
    if status in (400, 409, 412, 413, 422):
        fix = "Read its answer, change the rule there or the mapping here, then send this lead again."
        return Rejected(
            f"Dynamics 365 refused the lead for a reason the portal does not know ({status}).", **facts, fix=fix
        )
    return _misplaced(status, facts)


def _misplaced(status: int, facts: dict[str, Any]) -> Misconfigured:
    if status == 403:  # noqa: PLR2004
        sentence = "Dynamics 365 does not let the application user do this (403)."
        return Misconfigured(sentence, **facts, fix=codes.CODES["0x80040220"].fix)
    if 300 <= status < 400:  # noqa: PLR2004
        sentence, fix = "The instance address leads elsewhere", "Enter the address that it leads to."
        return Misconfigured(f"{sentence} ({status}).", **facts | {"cause": "redirect"}, fix=fix)
    return Misconfigured(
        f"Nothing at the instance address takes leads ({status}).", **facts, fix=codes.CODES["0x8006088a"].fix
    )


def _signed_out(facts: dict[str, Any]) -> Misconfigured:
    return Misconfigured(
        "Dynamics 365 does not accept our sign-in.",
        cause="sign-in",
        fix="See that the environment belongs to the directory of the application, then check the connection again.",
        **facts,
    )
