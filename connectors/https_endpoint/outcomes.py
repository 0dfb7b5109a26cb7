"""What each answer of an endpoint means."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from requests.models import Response

from connectors import answers
from connectors.answers import Mask
from connectors.base import Receipt
from connectors.errors import DeliveryError, Misconfigured, Rejected, Unavailable
from connectors.urls import host_of

_REFUSES_THE_LEAD = frozenset({400, 413, 415, 422})
_REFUSES_THE_SENDER = frozenset({401, 403})
_NOT_AN_ENDPOINT = frozenset({404, 405})
_LONGEST_ID = 255


def judge(response: Response, mask: Mask) -> Receipt | DeliveryError:
    """Read an answer; what is kept of it is masked."""
    answer = answers.text(response, mask)
    status = response.status_code
    if 200 <= status < 300:  # noqa: PLR2004
        return Receipt(status=status, answer=answer, remote_id=_remote_id(response, mask))
    if status == HTTPStatus.CONFLICT:
        return Receipt(outcome="duplicate", status=status, answer=answer)
    return _problem(response, status, answer)


def _problem(response: Response, status: int, answer: str) -> DeliveryError:
    facts: dict[str, Any] = {"status": status, "answer": answer, "cause": f"http-{status}"}
    host = host_of(response.url)
    if answers.is_away(status):
        said = "asked us to slow down" if status == HTTPStatus.TOO_MANY_REQUESTS else f"is unavailable ({status})"
        return Unavailable(f"{host} {said}.", retry_after=answers.retry_after(response), **facts)
    if status in _REFUSES_THE_LEAD:
        return Rejected(
            f"{host} refused this lead ({status}).",
            fix="Read its answer, let your endpoint take such a lead, then send this one again.",
            **facts,
        )
    return _misconfigured(response, host, facts)


def _misconfigured(response: Response, host: str, facts: dict[str, Any]) -> Misconfigured:
    status = response.status_code
    if status in _REFUSES_THE_SENDER:
        return Misconfigured(
            f"{host} refused the sign-in ({status}).",
            fix="Compare the sign-in settings here with what your endpoint expects, and save the right ones.",
            **facts | {"cause": "sign-in"},
        )
    if status == HTTPStatus.GONE:
        return Misconfigured(
            f"{host} says that this address is gone for good (410).",
            fix="Enter the new address, or disconnect the destination.",
            **facts | {"cause": "gone"},
        )
    if 300 <= status < 400:  # noqa: PLR2004
        return _redirected(response, host, facts)
    what = "does not take POST at this address" if status in _NOT_AN_ENDPOINT else "gave an answer we cannot act on"
    return Misconfigured(
        f"{host} {what} ({status}).", fix="Check the address: its path, and that it accepts POST.", **facts
    )


def _redirected(response: Response, host: str, facts: dict[str, Any]) -> Misconfigured:
    place = urlsplit(response.headers.get("Location", ""))
    target = f"{place.scheme or 'https'}://{place.netloc or host}{place.path}"
    return Misconfigured(
        f"{host} answered with a redirect ({response.status_code}), which the portal does not follow.",
        fix=f"If that is your endpoint, change the address to {target}.",
        **facts | {"cause": "redirect"},
    )


def _remote_id(response: Response, mask: Mask) -> str:
    try:
        said = response.json()
    except (ValueError, RecursionError):
        return ""
    found = said.get("id") if isinstance(said, dict) else None
    if not isinstance(found, str | int) or isinstance(found, bool):
        return ""
    return mask(str(found).replace("\x00", ""))[:_LONGEST_ID]
