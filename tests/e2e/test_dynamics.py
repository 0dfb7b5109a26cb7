"""Dynamics 365 set up in a real browser: from choosing its card to a test lead that landed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from connectors.dynamics.imitation.environment import Environment
from connectors.fakes import FakeServer
from tests.connectors.dynamics.acting import STORED, USER
from tests.connectors.dynamics.conftest import behaving
from tests.connectors.dynamics.keys_for_tests import DAYS, KEY, PEM
from tests.e2e.test_main_way import sign_in
from tests.factories import make_member
from tests.live import StartWorkers

pytestmark = pytest.mark.slow

RUNGS = 9


@pytest.fixture
def env(live_environment: dict[str, str]) -> Iterator[Environment]:
    """Stand where Dynamics 365 and Entra ID would be."""
    env = Environment(
        client_secret=STORED["application_key"],
        certificate=KEY.public_key(),
        passwords={USER["username"]: USER["password"]},
    )
    with FakeServer(behaving(env)) as server:
        live_environment["OUTBOUND_CONNECT_TO"] = f"*.dynamics.com={server.url},login.microsoftonline.com={server.url}"
        yield env


@pytest.fixture
def begun(env: Environment, celery_worker_process: StartWorkers, page: Page) -> Page:
    """Choose the card, and enter a name and the address."""
    make_member()
    celery_worker_process()
    sign_in(page)
    page.goto("/destinations/")
    page.get_by_role("main").get_by_role("link", name="Connect a destination").first.click()
    page.get_by_role("link", name="Dynamics 365").click()
    page.get_by_label("Name", exact=True).fill("Sales")
    page.get_by_label("Instance address").fill("contoso.crm4.dynamics.com")
    return page


def name_the_application(page: Page) -> None:
    page.get_by_label("Directory ID").fill(STORED["directory_id"])
    page.get_by_label("Application ID").fill(STORED["application_id"])


def expect_all_checks(page: Page) -> None:
    expect(page.get_by_text("All checks passed.")).to_be_visible(timeout=20_000)
    expect(page.locator(".rungs .ok")).to_have_count(RUNGS)


def test_from_choosing_the_card_to_a_test_lead_that_landed(env: Environment, begun: Page) -> None:
    page = begun
    expect(page.get_by_label("User name")).to_be_hidden()
    name_the_application(page)
    page.get_by_label("Client secret").fill("a wrong secret")
    page.get_by_role("button", name="Save and check").click()
    expect(page.get_by_text("Entra ID refused the client secret (AADSTS7000215).").first).to_be_visible(timeout=20_000)
    page.get_by_role("link", name="Change the settings").click()
    page.get_by_label("Client secret").fill(STORED["application_key"])
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Check").first.click()
    expect_all_checks(page)
    page.get_by_role("link", name="Map", exact=True).click()
    page.get_by_label("Target field").first.fill("new_offer")
    page.get_by_label("What goes into it").first.fill("{OfferTitle}")
    page.get_by_role("button", name="Save the mapping").click()
    expect(page.get_by_text("The mapping of Sales is saved.")).to_be_visible()
    page.get_by_role("button", name="Send a test lead").first.click()
    expect(page.get_by_role("heading", name="Test lead")).to_be_visible()
    record = page.locator('a[href*="pagetype=entityrecord"]').first
    expect(record).to_be_visible(timeout=20_000)
    [landed] = env.records.values()
    expect(record).to_have_attribute("href", re.compile(landed["leadid"]))
    assert re.fullmatch(r"MSFT_TEST_\d{18}", landed["lastname"])
    assert landed["new_offer"]


def test_with_a_certificate_whose_end_is_known(env: Environment, begun: Page) -> None:
    page = begun
    page.get_by_label("Sign-in", exact=True).select_option("certificate")
    name_the_application(page)
    page.locator('textarea[name="certificate"]').fill(PEM)
    page.get_by_role("button", name="Save and check").click()
    expect_all_checks(page)
    end = (datetime.now(UTC) + timedelta(days=DAYS)).date()
    expect(page.get_by_text(f"{end:%-d %b %Y}").first).to_be_visible()
    assert PEM.splitlines()[1] not in page.content()


def test_as_a_user_whose_password_ends_after_ninety_days(env: Environment, begun: Page) -> None:
    page = begun
    page.get_by_label("Sign-in", exact=True).select_option("office365")
    expect(page.get_by_label("Directory ID")).to_be_hidden()
    page.get_by_label("User name").fill(USER["username"])
    page.get_by_label("Password", exact=True).fill(USER["password"])
    page.get_by_role("button", name="Save and check").click()
    expect_all_checks(page)
    end = (datetime.now(UTC) + timedelta(days=90)).date()
    expect(page.get_by_text(f"{end:%-d %b %Y}").first).to_be_visible()
