from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.factories import PASSWORD, make_member

pytestmark = pytest.mark.django_db


def sign_in(client: Client, **given: str) -> HttpResponse:
    return client.post("/sign-in/", {"username": "owner-contoso", "password": PASSWORD, **given})


def test_a_member_signs_in_and_lands_on_the_overview(client: Client) -> None:
    make_member()
    answer = sign_in(client)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert "Contoso · owner" in client.get("/").content.decode()
