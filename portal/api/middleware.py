"""Errors under ``/api/`` that Django or Ninja answer by themselves: a wrong method, host or address."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from portal.api.problems import MEDIA_TYPE, Problem

PREFIX = "/api/"
KEPT = ("Allow", "Retry-After", "WWW-Authenticate")
DETAILS = {
    HTTPStatus.NOT_FOUND: "There is nothing at this address.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address does not take this method; see the Allow header.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something went wrong on our side; try again later.",
}


def problem_responses(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Turn every error of the API that is not yet problem+json into it."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        error = response.status_code >= HTTPStatus.BAD_REQUEST and request.path.startswith(PREFIX)
        return _problem(response) if error and response["Content-Type"] != MEDIA_TYPE else response

    return respond


def _problem(response: HttpResponse) -> HttpResponse:
    status = HTTPStatus(response.status_code)
    headers = {name: response[name] for name in KEPT if name in response}
    return Problem(status, DETAILS.get(status, status.description or status.phrase), headers=headers).response()
