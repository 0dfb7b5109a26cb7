"""What each error becomes. Exceptions' own texts may quote what was sent, so none is repeated or logged."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db import IntegrityError
from django.db.models import ProtectedError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import ValidationError as InvalidRequest
from psycopg.errors import UniqueViolation

from leads.destinations import InUse
from leads.publishing import WrongStatus
from leads.taxonomy import UnknownWord
from portal.api import sentences
from portal.api.problems import Fault, Problem
from portal.paging import BadCursor

logger = logging.getLogger(__name__)

TAKEN = {
    "destination_name_once_per_publisher": Fault("name", "name must not be that of another of your destinations."),
    "offer_id_once_per_publisher": Fault("offer_id", "offer_id must not be that of another of your offers."),
}
NOT_FOUND = "There is nothing at this address, or it is not yours."
IN_USE = "The destination has leads on record and cannot be deleted. Pause it, or take it off its offers."


def register(api: NinjaAPI) -> None:
    """Give the API its answers to errors."""
    handlers: dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
        Problem: lambda _, error: error.response(),
        InvalidRequest: lambda _, error: invalid_request(error).response(),
        ValidationError: lambda _, error: invalid_model(error).response(),
        UnknownWord: lambda _, error: Problem.at(error.field, str(error)).response(),
        BadCursor: lambda _, error: Problem.at("cursor", str(error)).response(),
        WrongStatus: lambda _, error: Problem.at("status", str(error), HTTPStatus.CONFLICT).response(),
        InUse: lambda *_: Problem(HTTPStatus.CONFLICT, IN_USE).response(),
        ProtectedError: lambda *_: Problem(HTTPStatus.CONFLICT, IN_USE).response(),
        PermissionDenied: lambda _, error: Problem(HTTPStatus.FORBIDDEN, str(error)).response(),
        Http404: lambda *_: Problem(HTTPStatus.NOT_FOUND, NOT_FOUND).response(),
        IntegrityError: integrity,
        Exception: unexpected,
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)


def invalid_request(error: InvalidRequest) -> Problem:
    """Tell what is wrong with body, query or headers; an impossible id in the path is simply not there."""
    if any(finding["loc"][0] == "path" for finding in error.errors):
        return Problem(HTTPStatus.NOT_FOUND, NOT_FOUND)
    return Problem.invalid(
        [
            fault
            for finding in error.errors[: sentences.MOST]
            # A body's findings carry the name of the route's argument, which the sender never wrote.
            for fault in sentences.faults([finding], skip=2 if finding["loc"][0] == "body" else 1)
        ]
    )


def invalid_model(error: ValidationError) -> Problem:
    """Tell what a model's own rules found; only offers are held to them."""
    if any(found.code == "unique_together" for found in error.error_dict.get(NON_FIELD_ERRORS, [])):
        return _conflict(TAKEN["offer_id_once_per_publisher"])
    named = [(field, text) for field, texts in error.message_dict.items() for text in texts]
    return Problem.invalid(
        [Fault("" if field == NON_FIELD_ERRORS else field, f"{field}: {text}") for field, text in named]
    )


def integrity(request: HttpRequest, error: IntegrityError) -> HttpResponse:
    """Name the field whose value is taken, also when two requests wanted it at once."""
    cause = error.__cause__
    taken = TAKEN.get(cause.diag.constraint_name or "") if isinstance(cause, UniqueViolation) else None
    if taken is None:
        return unexpected(request, error)
    return _conflict(taken).response()


def unexpected(request: HttpRequest, error: Exception) -> HttpResponse:
    """Log where a fault of ours happened, without its text; answer without details."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    route = request.resolver_match.route if request.resolver_match else ""
    logger.error("%s in %s %s\n%s", type(error).__name__, request.method, route, frames)
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong on our side; try again later.").response()


def _conflict(taken: Fault) -> Problem:
    return Problem(HTTPStatus.CONFLICT, taken.rule, [taken])
