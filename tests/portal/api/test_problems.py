"""Errors that no route answers by itself."""

from __future__ import annotations

import logging
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from leads import intake
from tests.factories import make_offer
from tests.portal.api.conftest import SECRET_WORD, Caller, lead, refusal

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["", "nothing", "leads/", "offers/contoso.crm/", "leads/1/2/3", "../v2/leads"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_address_that_does_not_exist_is_a_problem_too(contoso: Caller, method: str, path: str) -> None:
    response = contoso.get(path) if method == "get" else contoso.send("post", path, "{}")
    assert refusal(response).status == 404


def test_an_address_beside_the_versions_is_a_problem_too() -> None:
    assert refusal(Client().get("/api/nothing")).status == 404


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("delete", "leads", "GET, POST"), ("put", "offers/contoso.crm", "GET, PATCH"), ("get", "leads/batch", "POST")],
)
def test_a_method_that_an_address_does_not_take_is_a_problem_too(
    contoso: Caller, method: str, path: str, allowed: str
) -> None:
    response = getattr(contoso.client, method)(f"/api/v1/{path}", headers=contoso.headers)
    assert refusal(response).status == 405
    assert sorted(response["Allow"].split(", ")) == allowed.split(", ")


def test_an_unknown_host_is_a_problem_too(contoso: Caller) -> None:
    contoso.headers["Host"] = "evil.example"
    assert refusal(contoso.get("leads")).status == 400


def test_a_problem_keeps_the_headers_that_guard_every_answer(contoso: Caller) -> None:
    response = contoso.client.put("/api/v1/leads")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert int(response["Content-Length"]) == len(response.content)


def test_an_error_elsewhere_on_the_site_stays_a_page(db: None) -> None:
    assert Client().get("/nothing")["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("debug", [False, True])
def test_a_fault_of_ours_is_answered_and_logged_without_what_was_sent(
    marketplace: Caller,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    settings: Settings,
    debug: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    def fail(event: intake.Event) -> None:
        raise RuntimeError(f"Cannot store {event.contact}")

    caplog.set_level(logging.DEBUG)
    settings.DEBUG = debug
    monkeypatch.setattr(intake, "receive", fail)
    make_offer()
    response = marketplace.post("leads", lead(user={"FirstName": SECRET_WORD}))
    assert refusal(response).status == 500
    assert response.json()["detail"] == "Something went wrong on our side; try again later."
    assert "RuntimeError in POST" in caplog.text
    assert "in send_lead" in caplog.text
    assert SECRET_WORD not in caplog.text + response.content.decode()


class Broken(BytesIO):
    def read(self, size: int | None = -1) -> bytes:
        raise ConnectionResetError(size)


SHORT = {"CONTENT_LENGTH": "10", "wsgi.input": BytesIO(b"{}")}
CHUNKED = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}


@pytest.mark.parametrize("announced", [{"CONTENT_LENGTH": "10"}, SHORT, CHUNKED])
def test_a_body_that_ends_early_is_a_problem(marketplace: Caller, announced: dict[str, Any]) -> None:
    environ = {"wsgi.input": Broken(), "CONTENT_TYPE": "application/json", **announced}
    response = marketplace.client.generic("POST", "/api/v1/leads", headers=marketplace.headers, **environ)
    assert refusal(response) == (400, [""], "The body must not end early.")


@pytest.mark.usefixtures("discreet")
def test_an_accepted_lead_leaves_nothing_of_itself_in_the_log(marketplace: Caller) -> None:
    make_offer()
    sent = lead(user={"FirstName": SECRET_WORD}, Description=SECRET_WORD, Extra={SECRET_WORD: SECRET_WORD})
    assert marketplace.post("leads", sent, {"Idempotency-Key": SECRET_WORD}).status_code == 202
