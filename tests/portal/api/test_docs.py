from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page

from portal.api.problems import MEDIA_TYPE


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    response = Client().get("/api/v1/openapi.json")
    assert response["Content-Type"] == "application/json"
    found: dict[str, Any] = response.json()
    return found


def operations(described: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method} {path}", operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    ]


def references(part: Any) -> set[str]:
    if isinstance(part, list):
        return set().union(*map(references, part))
    if isinstance(part, dict):
        here = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
        return here.union(*map(references, part.values()))
    return set()


def test_every_route_is_described(described: dict[str, Any]) -> None:
    assert described["openapi"].startswith("3.1")
    for name, operation in operations(described):
        assert operation["summary"], name
        assert operation["description"].endswith("."), name
        assert operation["tags"], name
        assert operation["security"], name


def test_every_route_tells_its_errors_in_their_media_type(described: dict[str, Any]) -> None:
    for name, operation in operations(described):
        answers = {int(status): answer for status, answer in operation["responses"].items()}
        errors = {status for status in answers if status >= 400}
        assert errors >= {401, 403}, name
        assert ("{" in name) == (404 in errors) or name.endswith(("funnel", "balance")), name
        assert all(list(answers[status]["content"]) == [MEDIA_TYPE] for status in errors), name


def test_every_body_has_an_example(described: dict[str, Any]) -> None:
    for name, operation in operations(described):
        for content in operation.get("requestBody", {}).get("content", {}).values():
            schema = content["schema"]
            named = described["components"]["schemas"].get(schema.get("$ref", "").rpartition("/")[2], {})
            assert "example" in content or named.get("examples"), name


def test_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    known = {f"#/components/schemas/{name}" for name in described["components"]["schemas"]}
    assert references(described) <= known


def test_leads_are_described_in_the_marketplaces_spelling(described: dict[str, Any]) -> None:
    schemas = described["components"]["schemas"]
    assert {"OfferId", "LeadSource", "ActionCode", "UserDetails", "Consent", "Extra"} <= schemas["LeadIn"][
        "properties"
    ].keys()
    assert schemas["AcceptedOut"]["properties"].keys() == {"LeadId", "Stage", "Deliveries"}
    assert schemas["UserDetailsIn"]["required"] == ["Email"]
    assert "LeadId" in schemas["LeadOut"]["properties"]


def test_the_documentation_comes_from_local_files_alone() -> None:
    page = Client().get("/api/docs").content.decode()
    assert re.findall(r'(?:src|href)="(.+?)"', page)
    assert not re.findall(r'(?:src|href)="(?!/static/)', page)


def test_the_documentation_renders_in_a_browser(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/api/docs")
    origin = page.url.removesuffix("/api/docs")
    page.get_by_text("Send a lead").click()
    page.get_by_text("someone@example.com").first.wait_for()
    assert not [url for url in asked if not url.startswith((origin, "data:"))]
