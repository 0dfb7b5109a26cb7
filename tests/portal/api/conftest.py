"""Who calls the API: the marketplace, Contoso, Fabrikam, and nobody in particular."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from leads import keys
from tests.factories import make_publisher


class Caller:
    """A client of the API with one key, or none."""

    def __init__(self, token: str | None = None) -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path: str, **query: Any) -> HttpResponse:
        return self.client.get(f"/api/v1/{path}", query, headers=self.headers)

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.send("post", path, json.dumps(body), **headers)

    def patch(self, path: str, body: Any) -> HttpResponse:
        return self.send("patch", path, json.dumps(body))

    def delete(self, path: str) -> HttpResponse:
        return self.client.delete(f"/api/v1/{path}", headers=self.headers)

    def send(
        self, method: str, path: str, body: str | bytes, content_type: str = "application/json", **headers: str
    ) -> HttpResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        call = getattr(self.client, method)
        return call(f"/api/v1/{path}", body, content_type=content_type, headers=self.headers | named)


@pytest.fixture
def marketplace(db: None) -> Caller:
    return Caller(keys.issue("marketplace")[1])


@pytest.fixture
def contoso(db: None) -> Caller:
    return Caller(keys.issue("crm", make_publisher("contoso"))[1])


@pytest.fixture
def fabrikam(db: None) -> Caller:
    return Caller(keys.issue("crm", make_publisher("fabrikam"))[1])


@pytest.fixture
def nobody(db: None) -> Caller:
    return Caller()
