"""The description of the API: what each route takes and answers, its errors in their own media type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
from ninja.renderers import BaseRenderer
from pydantic_core import to_json

from portal.api.bodies import NDJSON
from portal.api.problems import MEDIA_TYPE
from portal.api.shapes.common import ProblemOut
from portal.api.shapes.sent_leads import EXAMPLE

ABOUT = """
Send leads with an **intake key**; read and change everything of one publisher with a **publisher's key**:
`Authorization: Bearer <key>`.

Bodies are JSON in UTF-8, at most 64 kB (4 MB for a batch), 20 levels deep. A name the API does not know is refused
and not dropped; `Extra` of a lead is the place for data of your own. What belongs to another publisher is answered as
what does not exist. Lists come newest first: pass `next` as `cursor` for the page after.

Every error is `application/problem+json` (RFC 9457) whose `errors` name each field and the rule it breaks.
"""


class JsonRenderer(BaseRenderer):
    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        del request, response_status
        return to_json(data)


class PortalAPI(NinjaAPI):
    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__

    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:
        described = super().get_openapi_schema(**kwargs)
        for path in described["paths"].values():
            for operation in path.values():
                _describe_errors(operation["responses"])
        return described


def answers(good: Mapping[int, Any], *errors: int) -> dict[int, Any]:
    """List what a route may answer."""
    return {**good, **dict.fromkeys(errors, ProblemOut)}


def lines() -> dict[str, Any]:
    """Describe a body and an answer of JSON lines."""
    schema = {"type": "string", "description": "One JSON object a line."}
    example = to_json(EXAMPLE | {"IdempotencyKey": "order-4711"}).decode() + "\n"
    return {"requestBody": {"required": True, "content": {NDJSON: {"schema": schema, "example": example}}}}


def _describe_errors(responses: dict[int, Any]) -> None:
    for status, response in responses.items():
        if status >= 400 and "content" in response:  # noqa: PLR2004 - where errors begin
            response["content"] = {MEDIA_TYPE: next(iter(response["content"].values()))}
