"""What Salesforce's refusals mean: of a whole request, and of one record."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from requests.models import Response

from connectors import answers
from connectors.answers import Mask
from connectors.errors import ANSWER_LIMIT, DeliveryError, Misconfigured, Rejected, Unanswered, Unavailable
from connectors.salesforce import codes, hosts
from connectors.salesforce.codes import Meaning

_MORE_AWAY = frozenset({406, 420})
"""Statuses that busy servers of Salesforce were seen to answer with, beside the usual ones."""
ALIKE = 5
"""Leads refused in one request for the same reason, from which on the reason is not the leads'."""


class Complaint(NamedTuple):
    """One error that Salesforce wrote down."""

    code: str
    message: str
    fields: tuple[str, ...] = ()

    @property
    def meaning(self) -> Meaning:
        return codes.meaning(self.code, self.message)

    @property
    def is_overload(self) -> bool:
        return codes.is_overload(self.code, self.message)


def complaints(content: Any) -> list[Complaint]:
    """Read the errors of an answer, in the spelling of requests (errorCode) and in that of records (statusCode)."""
    found = content if isinstance(content, list) else []
    return [_complaint(each) for each in found if isinstance(each, dict) and _code(each)]


def refused(response: Response, content: Any, mask: Mask) -> DeliveryError:
    """Judge a request that was refused as a whole."""
    answer = answers.text(response, mask)
    said = complaints(content)
    if said:
        return _explained(said[0], response, answer)
    return _unexplained(response, answer)


def refused_record(row: dict[str, Any], mask: Mask) -> DeliveryError:
    """Judge one record that was refused."""
    said = complaints(row.get("errors"))
    worst = next((each for each in said if each.meaning.kind not in ("invalid", "duplicate")), None)
    complaint = worst or (said or [Complaint("UNKNOWN_EXCEPTION", "")])[0]
    return _error(complaint, status=200, answer=kept(row, mask))


def kept(row: object, mask: Mask) -> str:
    """Write down what Salesforce said of a record, as far as it is kept."""
    return mask(json.dumps(row, ensure_ascii=False).replace("\\u0000", ""))[:ANSWER_LIMIT]


def alike(results: Sequence[object]) -> Misconfigured | None:
    """Tell the fault of the settings from that of leads: many leads, all refused for the same reason."""
    refused = [result for result in results if isinstance(result, Rejected)]
    if len(refused) < max(ALIKE, len(results)) or len({error.sentence for error in refused}) > 1:
        return None
    first = refused[0]
    fix = "Every lead met this, so the mapping or a rule of the organization stops them. " + first.fix
    return Misconfigured(first.sentence, cause=first.cause, fix=fix, status=first.status, answer=first.answer)


def unreadable(status: int | None = None) -> Unanswered:
    """Say that an answer came which tells nothing, so that the leads may have landed."""
    return Unanswered("Salesforce gave an answer that the portal cannot read.", cause="unreadable", status=status)


def _code(found: dict[str, Any]) -> str:
    code = found.get("errorCode") or found.get("statusCode")
    return code if isinstance(code, str) else ""


def _complaint(found: dict[str, Any]) -> Complaint:
    fields = found.get("fields")
    named = fields if isinstance(fields, list) else []
    known = tuple(name for name in named if isinstance(name, str) and hosts.is_field(name))
    return Complaint(_code(found), str(found.get("message") or ""), known)


def _explained(complaint: Complaint, response: Response, answer: str) -> DeliveryError:
    status = response.status_code
    if complaint.code not in codes.CODES and not complaint.is_overload:
        return _unexplained(response, answer)
    error = _error(complaint, status=status, answer=answer)
    if isinstance(error, Unavailable) and error.retry_after is None:
        error.retry_after = answers.retry_after(response)
    return error


def _error(complaint: Complaint, *, status: int, answer: str) -> DeliveryError:
    kind, ending, fix = complaint.meaning
    named = f" ({', '.join(complaint.fields)})." if complaint.fields else "."
    sentence = f"Salesforce {ending.removesuffix('.')}{named}"
    details: dict[str, Any] = {"cause": _cause(complaint.code), "status": status, "answer": answer, "fix": fix}
    if kind == "limit":
        return Unavailable(sentence, retry_after=codes.wait(complaint.message), **details)
    if kind == "away":
        return Unavailable(sentence, **details)
    return (Misconfigured if kind in ("config", "session") else Rejected)(sentence, **details)


def _cause(code: str) -> str:
    return "sign-in" if code == "INVALID_SESSION_ID" else code.lower().replace("_", "-")[:60]


def _unexplained(response: Response, answer: str) -> DeliveryError:
    status = response.status_code
    facts: dict[str, Any] = {"status": status, "answer": answer, "cause": f"http-{status}"}
    if status == 401:  # noqa: PLR2004
        fix = "Check the integration user's session settings and IP ranges, and the sign-in here."
        return Misconfigured("Salesforce no longer accepts our session.", **facts | {"cause": "sign-in", "fix": fix})
    if status >= 500:  # noqa: PLR2004
        return Unanswered(f"Salesforce is unavailable ({status}).", retry_after=answers.retry_after(response), **facts)
    if answers.is_away(status) or status in _MORE_AWAY or _is_page(response):
        wait = answers.retry_after(response)
        return Unavailable(f"Salesforce cannot take leads now ({status}).", retry_after=wait, **facts)
    what = "has retired the version of the API that the portal speaks" if status == 410 else "refused the request"  # noqa: PLR2004
    return Misconfigured(f"Salesforce {what} ({status}).", fix="Check the connection; it names the cause.", **facts)


def _is_page(response: Response) -> bool:
    """Tell a web page, which something in front of the API has answered with."""
    return response.content.lstrip()[:1] == b"<"
