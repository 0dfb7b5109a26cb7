"""A vendor that is imitated, as what a fake server does."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from connectors import behaviours
from connectors.fakes import Behaviour, Line, Recorded
from connectors.stand_in import Call, Reply


def answering(respond: Callable[[Call], Reply]) -> Behaviour:
    """Answer as ``respond`` does, with the type of content it says."""

    def behave(request: Recorded, line: Line) -> None:
        reply = respond(_call(request))
        headers = {"Content-Type": reply.content_type, **reply.headers}
        behaviours.answer(reply.status, reply.body, **headers)(request, line)

    return behave


def _call(request: Recorded) -> Call:
    place = urlsplit(request.path)
    return Call(
        method=request.method,
        host=request.headers.get("host", "").partition(":")[0],
        path=place.path,
        query=place.query,
        headers=request.headers,
        body=request.body,
    )
