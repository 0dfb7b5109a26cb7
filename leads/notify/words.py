"""What the mails say. Each kind has a template, whose first line is the subject."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.conf import settings
from django.template.loader import render_to_string

from leads.models import Notice, Publisher

LONGEST_SUBJECT = 200


class Words(NamedTuple):
    subject: str
    body: str


def write(kind: Notice.Kind, publisher: Publisher, **facts: Any) -> Words:
    """Put facts into words."""
    text = render_to_string(f"mail/{kind}.txt", {"publisher": publisher, "site": settings.BASE_URL, **facts})
    # Django's words for a length of time hold blanks that do not break, which are for pages.
    subject, _, body = text.replace("\xa0", " ").strip().partition("\n")
    return Words(" ".join(subject.split())[:LONGEST_SUBJECT], f"{body.strip()}\n")
