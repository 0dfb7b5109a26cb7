"""Marketo set up in a real browser: from choosing its card to a test lead that landed."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from connectors.fakes import FakeServer
from connectors.marketo.doctor import RUNGS
from connectors.marketo.imitation.subscription import Subscription
from connectors.marketo.imitation.tokens import Identity
from tests.connectors.marketo.conftest import behaving
from tests.e2e.test_main_way import sign_in
from tests.factories import make_member
from tests.live import StartWorkers

pytestmark = pytest.mark.slow


@pytest.fixture
def subscription(live_environment: dict[str, str]) -> Iterator[Subscription]:
    """Stand where Marketo would be."""
    subscription = Subscription(Identity(client_secret="sesame-client-secret"))
    with FakeServer(behaving(subscription)) as server:
        live_environment["OUTBOUND_CONNECT_TO"] = f"*.mktorest.com={server.url}"
        yield subscription


def begin(page: Page, name: str) -> None:
    page.goto("/destinations/")
    page.get_by_role("main").get_by_role("link", name="Connect a destination").first.click()
    page.get_by_role("link", name="Marketo").click()
    page.get_by_label("Name", exact=True).fill(name)


def fill_in(page: Page, secret: str) -> None:
    page.get_by_label("Munchkin ID").fill("https://123-abc-456.mktorest.com/rest")
    page.get_by_label("Client ID").fill("a1b2c3d4-portal")
    page.get_by_label("Client secret").fill(secret)
    page.get_by_label("Server ID").fill("app-ab12.marketo.com")


def test_from_choosing_the_card_to_a_test_lead_that_landed(
    subscription: Subscription, celery_worker_process: StartWorkers, page: Page
) -> None:
    make_member()
    celery_worker_process()
    sign_in(page)
    begin(page, "Nurture")
    fill_in(page, "a wrong secret")
    page.get_by_role("button", name="Save and check").click()
    expect(page.get_by_text("Marketo refused the client secret.").first).to_be_visible(timeout=20_000)
    page.get_by_role("link", name="Change the settings").click()
    expect(page.get_by_label("Munchkin ID")).to_have_value("123-ABC-456")
    page.get_by_label("Client secret").fill("sesame-client-secret")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Check").first.click()
    expect(page.get_by_text("All checks passed.")).to_be_visible(timeout=20_000)
    expect(page.locator(".rungs .ok")).to_have_count(len(RUNGS))
    page.get_by_role("button", name="Send a test lead").first.click()
    expect(page.get_by_role("heading", name="Test lead")).to_be_visible()
    record = page.locator('a[href*="loadLeadDetail"]').first
    expect(record).to_be_visible(timeout=20_000)
    [landed] = subscription.live()
    expect(record).to_have_attribute("href", re.compile(rf"^https://app-ab12\.marketo\.com/.*leadId={landed['id']}$"))
    assert re.fullmatch(r"MSFT_TEST_\d{18}", landed["lastName"])


def test_by_a_form_with_a_field_of_ones_own(
    subscription: Subscription, celery_worker_process: StartWorkers, page: Page
) -> None:
    make_member()
    celery_worker_process()
    sign_in(page)
    begin(page, "Design Studio")
    fill_in(page, "sesame-client-secret")
    page.get_by_label("Way in").select_option("form")
    expect(page.get_by_label("Partition")).to_be_hidden()
    page.get_by_label("Form ID").fill("mktoForm_1179")
    page.get_by_role("button", name="Save and check").click()
    expect(page.get_by_text("All checks passed.")).to_be_visible(timeout=20_000)
    page.goto(f"{page.url.rstrip('/')}/mapping/")
    page.get_by_label("Target field").first.fill("marketplaceNotes")
    page.get_by_label("What goes into it").first.fill("{Description}")
    page.get_by_role("button", name="Save the mapping").click()
    page.get_by_role("button", name="Send a test lead").first.click()
    expect(page.locator('a[href*="loadLeadDetail"]').first).to_be_visible(timeout=20_000)
    assert subscription.activities == [{"person": 100, "form": 1179, "program": None}]
    assert re.fullmatch(r"MSFT_TEST_\d{18}", subscription.people[100]["marketplaceNotes"])
