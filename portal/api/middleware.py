"""Errors under ``/api/`` that Django or Ninja answer by themselves: a wrong method, host or address."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from portal.api.problems import MEDIA_TYPE, Problem

PREFIX = "/api/"
POLICY = "default-src 'none'; frame-ancestors 'none'"
DETAILS = {
    HTTPStatus.BAD_REQUEST: "The request cannot be read.",
    HTTPStatus.NOT_FOUND: "There is nothing at this address.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address does not take this method; the Allow header has those it takes.",
}
OURS = "Something went wrong on our side; try again later."


def problem_responses(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Turn every error of the API that is not yet problem+json into it; its headers stay."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.path.startswith(PREFIX):
            # What the documentation's page says of itself stands.
            response.headers.setdefault("Content-Security-Policy", POLICY)
        error = response.status_code >= HTTPStatus.BAD_REQUEST and request.path.startswith(PREFIX)
        if error and response["Content-Type"] != MEDIA_TYPE:
            _rewrite(response)
        return response

    return respond


def _rewrite(response: HttpResponse) -> None:
    status = HTTPStatus(response.status_code)
    response.content = Problem(status, DETAILS.get(status, OURS)).response().content
    response["Content-Type"] = MEDIA_TYPE
    response["Content-Length"] = len(response.content)
