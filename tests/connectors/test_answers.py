"""What is kept of a target's answer."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from requests import Response

from connectors import answers
from connectors.answers import Mask


def response(body: bytes = b"", **headers: str) -> Response:
    made = Response()
    made._content = body  # noqa: SLF001
    made.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return made


def test_text_can_be_stored_and_shown() -> None:
    assert answers.text(response(b"a\x00b\xff\xc3\xbc"), Mask()) == "ab\ufffdü"
    assert len(answers.text(response(b"x" * 60_000), Mask())) == 2_048


@pytest.mark.parametrize(
    "echoed",
    [
        'sesame "1" & <ü>',
        'sesame \\"1\\" & <\\u00fc>',
        "sesame &quot;1&quot; &amp; &lt;ü&gt;",
        "sesame%20%221%22%20%26%20%3C%C3%BC%3E",
        "sesame+%221%22+%26+%3C%C3%BC%3E",
        base64.b64encode('sesame "1" & <ü>'.encode()).decode(),
    ],
)
def test_echoed_secret_is_masked(echoed: str) -> None:
    assert (
        answers.text(response(f"you sent {echoed}!".encode()), Mask(['sesame "1" & <ü>']))
        == f"you sent {answers.MASK}!"
    )


def test_secret_at_the_cut_is_masked_before_the_cut() -> None:
    kept = answers.text(response(b"x" * 2_044 + b"sesame"), Mask(["sesame"]))
    assert kept == "x" * 2_044 + "••••"


def test_longer_secret_is_masked_whole() -> None:
    assert Mask(["sesame", "sesame-and-more"])("sesame-and-more") == answers.MASK


@pytest.mark.parametrize("short", ["", "a", "abc"])
def test_short_secret_blots_nothing_out(short: str) -> None:
    assert Mask([short])("abcabc") == "abcabc"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("99999999999999999999999", 604_800),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("soon", None),
        ("", None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("Wed, 21 Oct 2015 07:28:00", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 604_800),
        ("Wed, 99 Oct 2015 07:28:00 GMT", None),
    ],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    assert answers.retry_after(response(Retry_After=value)) == seconds


def test_retry_after_by_date() -> None:
    moment = datetime.now(UTC) + timedelta(minutes=5)
    seconds = answers.retry_after(response(Retry_After=format_datetime(moment, usegmt=True)))
    assert seconds == pytest.approx(300, abs=2)


def test_is_away() -> None:
    statuses = [200, 302, 400, 404, 408, 409, 425, 429, 500, 503, 599]
    assert [status for status in statuses if answers.is_away(status)] == [408, 425, 429, 500, 503, 599]
