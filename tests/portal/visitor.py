"""Somebody who visits the portal's pages, and what they read there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import Any

from django.contrib.auth.models import User
from django.test import Client


@dataclass(frozen=True)
class Seen:
    """An answer of the site. ``text`` is what a person reads of it, blanks squeezed."""

    status: int
    html: str
    leads_to: str
    headers: dict[str, str]

    @property
    def text(self) -> str:
        body = re.sub(r"(?s)<(head|script|style|title)\b.*?</\1>", " ", self.html)
        words = " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())
        return re.sub(r" ([.,:;])", r"\1", words)

    def links(self) -> dict[str, str]:
        """Map the words of each link to its address."""
        return dict(self.every_link())

    def every_link(self) -> list[tuple[str, str]]:
        """List the words and the address of each link."""
        found = re.findall(r'(?s)<a\b[^>]*href="([^"]*)"[^>]*>(.*?)</a>', self.html)
        return [(" ".join(re.sub(r"<[^>]+>", " ", words).split()), unescape(href)) for href, words in found]

    def next_things(self) -> list[str]:
        """List the words of the page's accent buttons: what it says to do next."""
        found = re.findall(r'<(?:a|button)\b[^>]*class="[^"]*\bprimary\b[^"]*"[^>]*>(.*?)</', self.html)
        return [" ".join(words.split()) for words in found]

    def posts_to(self) -> list[str]:
        """List where the page's forms lead, apart from signing out; ``""`` is the page itself."""
        forms = re.findall(r"<form\b[^>]*>", self.html)
        actions = [match.group(1) if (match := re.search(r'action="([^"]*)"', form)) else "" for form in forms]
        return [action for action in actions if action != "/sign-out/"]


class Visitor:
    """A browser without scripts; signed in as ``user``, if any."""

    def __init__(self, user: User | None = None, **client: Any) -> None:
        self.client = Client(**client)
        if user is not None:
            self.client.force_login(user)

    def see(self, address: str, **headers: str) -> Seen:
        return _seen(self.client.get(address, headers=headers))

    def send(self, address: str, **form: Any) -> Seen:
        return _seen(self.client.post(address, form))

    def sent_on(self, address: str, **form: Any) -> Seen:
        """Send a form and go where that leads."""
        sent = self.send(address, **form)
        assert sent.status == 302, sent.text
        return self.see(sent.leads_to)


def _seen(answer: Any) -> Seen:
    headers = dict(answer.headers)
    return Seen(answer.status_code, answer.content.decode(), headers.get("Location", ""), headers)
