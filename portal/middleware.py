"""Middleware that is about pages. A call of the API has a key: no session, no cookie and no scripts."""

from __future__ import annotations

from typing import Any

from csp.middleware import CSPMiddleware
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django_htmx.middleware import HtmxMiddleware

API = "/api/v1/"


class PagesOnly:
    """Let calls of the API pass by."""

    get_response: Any

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith(API):
            answer: HttpResponseBase = self.get_response(request)
            return answer
        return super().__call__(request)  # type: ignore[misc,no-any-return] # the middleware it is mixed into


class ContentSecurityPolicy(PagesOnly, CSPMiddleware):
    pass


class Sessions(PagesOnly, SessionMiddleware):
    pass


class Authentication(PagesOnly, AuthenticationMiddleware):
    pass


class Messages(PagesOnly, MessageMiddleware):
    pass


class Htmx(PagesOnly, HtmxMiddleware):
    pass
