"""A mapping made in a real browser: the message changes while one types, and what is saved is what is sent."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from connectors import behaviours
from connectors.fakes import FakeServer
from tests.factories import PASSWORD, make_destination, make_member
from tests.live import StartWorkers

pytestmark = pytest.mark.slow


@pytest.fixture
def receiver(live_environment: dict[str, str]) -> Iterator[FakeServer]:
    with FakeServer(behaviours.answer(200)) as server:
        live_environment["OUTBOUND_CONNECT_TO"] = f"*={server.url}"
        yield server


def test_from_the_step_to_a_test_lead(receiver: FakeServer, page: Page, celery_worker_process: StartWorkers) -> None:
    make_member()
    make_destination()
    celery_worker_process()
    page.goto("/destinations/")
    page.get_by_label("Username").fill("owner-contoso")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Sales endpoint").click()
    expect(page.get_by_text("All checks passed.")).to_be_visible()
    page.get_by_role("link", name="Map", exact=True).click()
    page.get_by_label("Target field").fill("Campaign")
    page.get_by_label("What goes into it").fill("Spring / {Company}")
    page.get_by_label("What goes into it").press("Tab")
    expect(page.get_by_text('"Campaign": "Spring / Example Company"')).to_be_visible()
    page.get_by_role("button", name="Add a row").click()
    expect(page.get_by_label("Target field")).to_have_count(3)
    page.get_by_role("button", name="Save the mapping").click()
    expect(page.get_by_text("The mapping of Sales endpoint is saved.")).to_be_visible()
    page.get_by_role("button", name="Send a test lead").click()
    expect(page.get_by_text("Delivered to Sales endpoint.")).to_be_visible(timeout=20_000)
    sent = json.loads(receiver.requests[-1].body)
    assert sent["Campaign"] == f"Spring / {sent['UserDetails']['Company']}"
