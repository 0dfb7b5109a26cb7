"""Azure Table Storage connected in a real browser: from its card to a test lead that lies in the table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from connectors.azure_table.azurite import Azurite
from connectors.fakes import FakeServer
from tests.connectors.azure_table.signatures import account_signature
from tests.connectors.azure_table.worlds import CONNECTION_STRING, behind, directly
from tests.factories import PASSWORD, make_member
from tests.live import StartWorkers

pytestmark = pytest.mark.slow


@pytest.fixture
def azure(azurite_server: Azurite, live_environment: dict[str, str]) -> Iterator[FakeServer]:
    with FakeServer(behind(azurite_server)) as server:
        live_environment["OUTBOUND_CONNECT_TO"] = f"*.table.core.windows.net={server.url}"
        yield server


def sign_in(page: Page) -> None:
    make_member()
    page.goto("/destinations/new/")
    page.get_by_label("Username").fill("owner-contoso")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def connect(page: Page, connection_string: str, table: str) -> None:
    page.get_by_role("link", name="Azure Table Storage").click()
    page.get_by_label("Name", exact=True).fill("Lead table")
    page.get_by_label("Connection string").last.fill(connection_string)
    page.locator("[name=table_name]").fill(table)
    page.get_by_role("button", name="Save and check").click()


def test_from_the_card_to_a_test_lead_in_the_table(
    azure: FakeServer, azurite_server: Azurite, celery_worker_process: StartWorkers, page: Page
) -> None:
    celery_worker_process()
    sign_in(page)
    connect(page, account_signature(days=30), "BrowsedLeads")
    expect(page.get_by_text("All checks passed.")).to_be_visible()
    expect(page.get_by_text("The table BrowsedLeads was made. It takes rows")).to_be_visible()
    ends = datetime.now(UTC) + timedelta(days=30)
    expect(page.get_by_text(f"{ends:%-d %b %Y} read from the secret")).to_be_visible()
    page.get_by_role("button", name="Send a test lead").first.click()
    expect(page.get_by_text("Delivered to Lead table.")).to_be_visible(timeout=20_000)
    [row] = directly(azurite_server, "BrowsedLeads").list_entities()
    expect(page.get_by_text(f"It is known there as __test/{row['RowKey']}")).to_be_visible()
    assert row["FirstName"].startswith("MSFT_TEST_")
    assert json.loads(row["CustomerInfo"])["Company"] == row["Company"]


def test_wrong_string_is_explained_and_what_was_typed_is_kept(
    azure: FakeServer, celery_worker_process: StartWorkers, page: Page
) -> None:
    sign_in(page)
    connect(page, CONNECTION_STRING.replace("https", "http"), "BrowsedLeads")
    expect(page.get_by_text("The connection string must have DefaultEndpointsProtocol=https.")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Lead table")
    assert not azure.requests


def test_application_has_its_own_fields(azure: FakeServer, page: Page) -> None:
    sign_in(page)
    page.get_by_role("link", name="Azure Table Storage").click()
    page.get_by_label("Sign-in").select_option("entra")
    expect(page.get_by_label("Directory (tenant) ID")).to_be_visible()
    expect(page.get_by_label("Connection string").last).to_be_hidden()
