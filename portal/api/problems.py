"""What went wrong, as RFC 9457 writes it: ``application/problem+json`` that names field and rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any, Self

from django.http import HttpResponse
from pydantic_core import to_json

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Fault:
    """One broken rule. ``field`` is a path such as ``UserDetails.Email``, empty for the whole; ``rule`` a sentence."""

    field: str
    rule: str


class Problem(Exception):
    """A request that is refused. Nothing the sender sent is in it but names of fields."""

    def __init__(
        self, status: HTTPStatus, detail: str, faults: Sequence[Fault] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.faults = list(faults)
        self.headers = dict(headers or {})

    @classmethod
    def invalid(cls, faults: Sequence[Fault]) -> Self:
        """Refuse what was sent, for one or more broken rules."""
        return cls(HTTPStatus.UNPROCESSABLE_ENTITY, " ".join(fault.rule for fault in faults[:3]), faults)

    @classmethod
    def at(cls, field: str, rule: str, status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY) -> Self:
        """Refuse what was sent, for one field."""
        return cls(status, rule, [Fault(field, rule)])

    def body(self) -> dict[str, Any]:
        told = {
            "type": "about:blank",
            "title": self.status.phrase,
            "status": self.status.value,
            "detail": self.detail,
        }
        return told | {"errors": [asdict(fault) for fault in self.faults]}

    def response(self) -> HttpResponse:
        return HttpResponse(to_json(self.body()), status=self.status, content_type=MEDIA_TYPE, headers=self.headers)
