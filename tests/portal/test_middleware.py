from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

pytestmark = pytest.mark.django_db


def test_a_call_of_the_api_meets_no_session(django_user_model: type[User]) -> None:
    client = Client()
    client.force_login(django_user_model.objects.create_user("ada"))
    response = client.get("/api/v1/leads")
    assert response.status_code == 401
    assert not hasattr(response.wsgi_request, "session")
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")


def test_the_documentation_of_the_api_is_a_page(client: Client) -> None:
    assert "script-src 'self'" in client.get("/api/docs")["Content-Security-Policy"]


def test_a_form_needs_its_token() -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/sign-in/", {"username": "ada", "password": "x"}).status_code == 403
