"""Salesforce set up in a real browser: from choosing its card to a test lead that landed."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from connectors.fakes import FakeServer
from connectors.salesforce.imitation.described import KEY
from connectors.salesforce.imitation.organization import Organization
from tests.connectors.salesforce.conftest import behaving
from tests.e2e.test_main_way import sign_in
from tests.factories import make_member
from tests.live import StartWorkers

pytestmark = pytest.mark.slow

RUNGS = 11


@pytest.fixture
def org(live_environment: dict[str, str]) -> Iterator[Organization]:
    """Stand where Salesforce would be."""
    org = Organization(client_secret="sesame-consumer-secret")
    with FakeServer(behaving(org)) as server:
        live_environment["OUTBOUND_CONNECT_TO"] = f"*.salesforce.com={server.url}"
        yield org


def begin(page: Page, name: str) -> None:
    page.goto("/destinations/")
    page.get_by_role("main").get_by_role("link", name="Connect a destination").first.click()
    page.get_by_role("link", name="Salesforce").click()
    page.get_by_label("Name", exact=True).fill(name)


def fill_in(page: Page, secret: str) -> None:
    page.get_by_label("My Domain").fill("contoso")
    page.get_by_label("Consumer key").fill("3MVG9consumer")
    page.get_by_label("Consumer secret").fill(secret)
    page.get_by_label("External ID field").fill(KEY)


def test_from_choosing_the_card_to_a_test_lead_that_landed(
    org: Organization, celery_worker_process: StartWorkers, page: Page
) -> None:
    make_member()
    celery_worker_process()
    sign_in(page)
    begin(page, "Sales Cloud")
    fill_in(page, "a wrong secret")
    page.get_by_role("button", name="Save and check").click()
    expect(page.get_by_text("Salesforce refused the consumer secret.").first).to_be_visible(timeout=20_000)
    page.get_by_role("link", name="Change the settings").click()
    page.get_by_label("Consumer secret").fill("sesame-consumer-secret")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Check").first.click()
    expect(page.get_by_text("All checks passed.")).to_be_visible(timeout=20_000)
    expect(page.locator(".rungs .ok")).to_have_count(RUNGS)
    page.get_by_role("button", name="Send a test lead").first.click()
    expect(page.get_by_role("heading", name="Test lead")).to_be_visible()
    record = page.locator('a[href*="/lightning/r/Lead/"]').first
    expect(record).to_be_visible(timeout=20_000)
    [landed] = org.live()
    expect(record).to_have_attribute("href", re.compile(landed["Id"]))
    assert re.fullmatch(r"MSFT_TEST_\d{18}", landed["LastName"])
    assert org.written[-1]["headers"]["sforce-auto-assign"] == "FALSE"


def test_by_web_to_lead_with_a_warning_that_nothing_confirms(
    org: Organization, celery_worker_process: StartWorkers, page: Page
) -> None:
    make_member()
    celery_worker_process()
    sign_in(page)
    begin(page, "Forms")
    page.get_by_label("Way in").select_option("web_to_lead")
    expect(page.get_by_label("My Domain")).to_be_hidden()
    page.get_by_label("Organization ID").fill("00D5g00000ABCDE")
    page.get_by_role("button", name="Save and check").click()
    expect(page.get_by_text("All checks passed.")).to_be_visible(timeout=20_000)
    expect(page.locator(".rungs .ok")).to_have_count(4)
    page.get_by_role("button", name="Send a test lead").first.click()
    expect(page.get_by_text("in the same way whether it keeps the lead or not").first).to_be_visible(timeout=20_000)
    assert len(org.posts) == 1
