"""What Marketo's answers mean: of a whole request, and of one record."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from random import uniform
from typing import Any, NamedTuple

from connectors import answers
from connectors.answers import Mask
from connectors.errors import ANSWER_LIMIT, DeliveryError, Misconfigured, Rejected, Unanswered, Unavailable, Unsent
from connectors.marketo import codes
from connectors.marketo.codes import Meaning
from connectors.marketo.replies import Reply

ALIKE = 5
"""Leads refused in one request for the same reason, from which on the reason is not the leads'."""
WINDOW = 20.0
"""Seconds over which Marketo counts calls."""
CROWD = (1.0, 5.0)
"""Seconds to wait, by chance, where too many calls were under way."""

_UNNAMED = "1000"
"""Stands for the code of a record that was left out without one: no code of Marketo's."""
_NAMED_FIELD = re.compile(r"[Ff]ield '([A-Za-z]\w{0,99})'", re.ASCII)

Row = dict[str, Any]


class Complaint(NamedTuple):
    """One error that Marketo wrote down."""

    code: str
    message: str

    @property
    def meaning(self) -> Meaning:
        return codes.meaning(self.code)


def complaints(found: object) -> list[Complaint]:
    """Read errors or reasons, which come as one or as several."""
    several = found if isinstance(found, list) else [found]
    return [_complaint(each) for each in several if isinstance(each, dict)]


def reasons(row: Row) -> list[Complaint]:
    """Read why a record was left out, in the spelling of Marketo's answers and in that of its documentation."""
    said = complaints(row.get("reasons") or row.get("reason"))
    return [each if each.code else Complaint(_UNNAMED, each.message) for each in said]


def refused(reply: Reply, mask: Mask, *, alone: bool) -> DeliveryError:
    """Judge a request that was refused as a whole; ``alone`` says that it was about one lead."""
    answer = answers.text(reply.response, mask)
    said = complaints(reply.errors)
    if not said:
        return _unexplained(reply, answer)
    error = _error(gravest(said), status=reply.status, answer=answer)
    # With several leads nothing was done for any of them, so it is the request that is wrong.
    return _as_config(error) if isinstance(error, Rejected) and not alone else error


def refused_record(row: Row, mask: Mask) -> DeliveryError:
    """Judge one record that was left out."""
    complaint = gravest(reasons(row) or [Complaint(_UNNAMED, "")])
    return _error(complaint, status=200, answer=kept(row, mask))


def gravest(said: Sequence[Complaint]) -> Complaint:
    """Pick what concerns more than this lead before what concerns it alone."""
    mild = ("invalid", "duplicate", "company")
    return next((each for each in said if each.meaning.kind not in mild), said[0])


def kept(row: object, mask: Mask) -> str:
    """Write down what Marketo said of a record, as far as it is kept."""
    return mask(json.dumps(row, ensure_ascii=False).replace("\\u0000", ""))[:ANSWER_LIMIT]


def alike(results: Sequence[object]) -> Misconfigured | None:
    """Tell the fault of the settings from that of leads: many leads, all refused by Marketo for the same reason."""
    refusals = [result for result in results if isinstance(result, Rejected)]
    if len(refusals) < max(ALIKE, len(results)) or len({error.cause for error in refusals}) > 1:
        return None
    return _as_config(refusals[0])


def unreadable(status: int | None = None) -> Unanswered:
    """Say that an answer came which tells nothing, so that the leads may have landed."""
    return Unanswered("Marketo gave an answer that the portal cannot read.", cause="unreadable", status=status)


def _complaint(found: dict[str, Any]) -> Complaint:
    return Complaint(str(found.get("code") or ""), str(found.get("message") or ""))


def _as_config(error: DeliveryError) -> Misconfigured:
    fix = f"Every lead met this, so look at the settings and the mapping first. {error.fix}"
    return Misconfigured(error.sentence, cause=error.cause, fix=fix, status=error.status, answer=error.answer)


def _error(complaint: Complaint, *, status: int, answer: str) -> DeliveryError:
    kind, ending, fix, who = complaint.meaning
    details: dict[str, Any] = {"cause": _cause(complaint), "fix": fix, "who": who, "status": status, "answer": answer}
    sentence = f"Marketo {ending.removesuffix('.')}{_named(complaint)}."
    if kind in ("config", "token"):
        return Misconfigured(sentence, **details)
    if kind in ("invalid", "duplicate", "company", "too large"):
        return Rejected(sentence, **details)
    if kind in ("pace", "crowd", "quota"):
        return Unsent(sentence, retry_after=_wait(complaint), **details)
    return Unavailable(sentence, **details)


def _wait(complaint: Complaint) -> float | None:
    """Return the seconds that a limit lasts; the day's is told by the calendar, elsewhere."""
    waits = {"pace": WINDOW, "crowd": uniform(*CROWD)}  # noqa: S311 - nothing hangs on who guesses it
    return waits.get(complaint.meaning.kind)


def _named(complaint: Complaint) -> str:
    """Name the field that a complaint is about. What else a message quotes may be somebody's data."""
    found = _NAMED_FIELD.search(complaint.message)
    return f" ({found[1]})" if found else ""


def _cause(complaint: Complaint) -> str:
    if complaint.meaning.kind == "token":
        return "sign-in"
    digits = "".join(each for each in complaint.code if each.isascii() and each.isalnum())[:10]
    return f"marketo-{digits or 'unknown'}"


def _unexplained(reply: Reply, answer: str) -> DeliveryError:
    status = reply.status
    facts: dict[str, Any] = {"status": status, "answer": answer, "cause": f"http-{status}"}
    if answers.is_away(status):
        return Unanswered(
            f"Marketo is unavailable ({status}).", retry_after=answers.retry_after(reply.response), **facts
        )
    if 200 <= status < 300:  # noqa: PLR2004
        return unreadable(status)
    if status == 401:  # noqa: PLR2004
        return Misconfigured("Marketo no longer accepts our access token.", **facts | {"cause": "sign-in"})
    return Misconfigured(f"Marketo refused the request ({status}).", fix="Check the Munchkin ID.", **facts)
