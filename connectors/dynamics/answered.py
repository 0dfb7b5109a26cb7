"""An answer of Dataverse, to a request of its own or to a part of a batch, and the error that it may hold."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from requests.models import Response

from connectors import answers
from connectors.answers import Mask
from connectors.dynamics import codes, hosts
from connectors.dynamics.codes import Meaning
from connectors.errors import ANSWER_LIMIT, Unanswered

TRACE = "x-ms-service-request-id"


class Complaint(NamedTuple):
    """An error as Dataverse writes it: a code in hexadecimal digits, and words."""

    code: str
    message: str

    @property
    def meaning(self) -> Meaning | None:
        return codes.meaning(self.code, self.message)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @classmethod
    def of(cls, response: Response) -> Answer:
        headers = {name.lower(): value for name, value in response.headers.items()}
        return cls(response.status_code, headers, response.content)

    @property
    def taken(self) -> bool:
        return 200 <= self.status < 300  # noqa: PLR2004

    def json(self) -> Any:
        """Return the JSON that came; Unanswered where it is none."""
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):
            raise unreadable(self.status) from None

    @property
    def wait(self) -> float | None:
        """The seconds that it asks us to wait; None where it names no time."""
        shown = Response()
        shown.headers.update(self.headers)
        return answers.retry_after(shown)

    @property
    def complaint(self) -> Complaint:
        """The error that it holds; its parts are empty where it holds none."""
        try:
            error = json.loads(self.content)["error"]
            return Complaint(codes.written(error.get("code", "")), str(error.get("message") or ""))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return Complaint("", "")

    def kept(self, mask: Mask) -> str:
        """Return as much of it as is kept, and the id by which Microsoft's support finds the request."""
        found = self.headers.get(TRACE, "")
        trace = f"{TRACE}: {found}" if hosts.is_guid(found) else ""
        body = mask(self.content.decode("utf-8", "replace").replace("\x00", ""))
        return "\n".join(filter(None, (body[: ANSWER_LIMIT - len(trace) - 1], trace)))


def unreadable(status: int | None = None) -> Unanswered:
    """Say that an answer came which tells nothing."""
    return Unanswered("Dynamics 365 gave an answer that the portal cannot read.", cause="unreadable", status=status)
