"""Understand an answer of Azure Table that is no success."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from azure.core.exceptions import AzureError, ClientAuthenticationError
from azure.data.tables import TableTransactionError

from connectors import answers
from connectors.answers import Mask
from connectors.azure_table.meanings import AWAY, CODES, REDIRECT, SIGN_IN, STATUSES, STRANGE, Kind, Meaning
from connectors.errors import DeliveryError, Misconfigured, Rejected, Unavailable

_INDEX = re.compile(r"(\d+):")


class Refused(Exception):
    """An answer that is no success, understood. ``index`` is the row it is about, None where it names none."""

    def __init__(self, kind: Kind, problem: DeliveryError, index: int | None = None) -> None:
        super().__init__(problem.sentence)
        self.kind = kind
        self.problem = problem
        self.index = index


@contextmanager
def plainly() -> Iterator[None]:
    """Raise the problem of what was refused in its place."""
    try:
        yield
    except Refused as refused:
        raise refused.problem from None


def judge(error: Exception, host: str, table: str, mask: Mask) -> Refused:
    """Understand what the SDK raised."""
    code = str(getattr(getattr(error, "error_code", None), "value", getattr(error, "error_code", None)) or "")
    status = getattr(error, "status_code", None)
    meaning = CODES.get(code) or _by_status(error, status)
    return Refused(meaning.kind, _problem(meaning, error, host, table, mask), _index(error))


def _by_status(error: Exception, status: int | None) -> Meaning:
    if status is None:
        return _unanswered(error)
    if 300 <= status < 400:  # noqa: PLR2004
        return REDIRECT
    if status == HTTPStatus.CONFLICT or answers.is_away(status):
        return STATUSES.get(status, AWAY)
    return STATUSES.get(status, STRANGE)


def _unanswered(error: Exception) -> Meaning:
    if isinstance(error, ClientAuthenticationError):
        return SIGN_IN
    return AWAY if isinstance(error, AzureError) else STRANGE


def _problem(meaning: Meaning, error: Exception, host: str, table: str, mask: Mask) -> DeliveryError:
    sentence = meaning.sentence.format(host=host, table=table)
    facts: dict[str, Any] = {
        "cause": meaning.cause,
        "fix": meaning.fix,
        "status": getattr(error, "status_code", None),
        "answer": mask(_text(error)).replace("\x00", ""),
    }
    if meaning.kind is Kind.AWAY:
        return Unavailable(sentence, retry_after=meaning.wait or _retry_after(error), **facts)
    kind = Rejected if meaning.kind in (Kind.LEAD, Kind.TOO_MUCH) else Misconfigured
    return kind(sentence, **facts)


def _index(error: Exception) -> int | None:
    """Read which row it was: the SDK says 0 where Azure named none."""
    if not isinstance(error, TableTransactionError):
        return None
    found = _INDEX.match(error.message)
    return int(found[1]) if found else None


def _response(error: Exception) -> Any:
    return getattr(error, "response", None)


def _retry_after(error: Exception) -> float | None:
    response = _response(error)
    return answers.retry_after(response) if response is not None else None


def _text(error: Exception) -> str:
    response = _response(error)
    if response is None:
        return ""
    return bytes(response.read()).decode("utf-8", "replace")
