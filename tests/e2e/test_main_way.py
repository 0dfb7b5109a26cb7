"""The whole way of a lead in a real browser: register, connect, publish, acquire in preview, see it delivered."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from connectors import behaviours
from connectors.fakes import FakeServer
from tests.factories import PASSWORD, make_member
from tests.live import StartWorkers

pytestmark = pytest.mark.slow

OFFER = "/offers/contoso.crm/"


@pytest.fixture
def receiver(live_environment: dict[str, str]) -> Iterator[FakeServer]:
    """Stand where leads.example.com would be."""
    with FakeServer(behaviours.answer(200)) as server:
        live_environment["OUTBOUND_CONNECT_TO"] = f"leads.example.com={server.url}"
        yield server


@pytest.fixture
def visitor(page: Page) -> Iterator[Page]:
    """Open the site, and hold its pages to writing no error into the console."""
    errors: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(f"{message.location.get('url')}: {message.text}")

    page.context.on("console", note)
    yield page
    assert not errors


@pytest.fixture
def scriptless(chromium: Browser, live_portal: str) -> Iterator[Page]:
    context = chromium.new_context(base_url=live_portal, java_script_enabled=False)
    yield context.new_page()
    context.close()


def sign_in(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Username").fill("owner-contoso")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()


def register(page: Page) -> None:
    page.get_by_role("link", name="Register your first offer").click()
    page.get_by_label("Title").fill("Contoso CRM")
    page.get_by_label("Offer id").fill("crm")
    page.get_by_label("Azure Marketplace").check()
    page.get_by_label("AppSource").check()
    page.get_by_role("button", name="Register").click()
    expect(page).to_have_url(re.compile(OFFER))


def connect(page: Page) -> None:
    page.get_by_role("main").get_by_role("link", name="Connect a destination").click()
    page.get_by_role("link", name="HTTPS endpoint").click()
    page.get_by_label("Name", exact=True).fill("Sales endpoint")
    page.get_by_label("Address", exact=True).fill("https://leads.example.com/in")
    page.get_by_role("button", name="Save and check").click()
    expect(page.get_by_role("heading", name="Sales endpoint")).to_be_visible()


def publish(page: Page) -> None:
    page.goto(OFFER)
    page.get_by_role("link", name="Choose a destination").click()
    page.get_by_label("Sales endpoint (HTTPS endpoint)").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("Acquire it yourself, then sign it off.")).to_be_visible(timeout=20_000)
    steps = page.locator("#steps li.ok")
    expect(steps).to_have_count(3)
    expect(steps.nth(1)).to_contain_text("The test lead arrived.")


def acquire(page: Page) -> None:
    page.get_by_role("link", name="Try it on Azure Marketplace").click()
    page.get_by_role("link", name="Get it now").first.click()
    page.get_by_label("First name").fill("Ada")
    page.get_by_label("Last name").fill("Lovelace")
    page.get_by_label("E-mail").fill("ada@example.com")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Get it now").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()


def see_it_delivered(page: Page) -> None:
    page.goto("/leads/")
    lead = page.get_by_role("row").filter(has_text="ada@example.com")
    for _ in range(20):
        if lead.get_by_text("Delivered").count():
            break
        page.wait_for_timeout(250)
        page.reload()
    expect(lead.get_by_text("Delivered")).to_be_visible()
    expect(lead).to_contain_text("Preview")
    page.goto("/deliveries/")
    expect(page.get_by_role("row").filter(has_text="Ada Lovelace")).to_contain_text("Delivered to Sales endpoint.")


def go_live(page: Page) -> None:
    page.goto(OFFER)
    page.get_by_role("button", name="Go live").click()
    expect(page.get_by_role("status")).to_contain_text("Contoso CRM is live.")


def received(receiver: FakeServer) -> list[str]:
    """List the addresses of the customers whose leads arrived."""
    return [json.loads(request.body)["UserDetails"]["Email"] for request in receiver.requests]


def test_from_registering_an_offer_to_seeing_its_lead_delivered(
    receiver: FakeServer, celery_worker_process: StartWorkers, visitor: Page
) -> None:
    make_member()
    celery_worker_process()
    sign_in(visitor)
    register(visitor)
    connect(visitor)
    expect(visitor.get_by_text("All checks passed.")).to_be_visible()
    publish(visitor)
    acquire(visitor)
    see_it_delivered(visitor)
    go_live(visitor)
    assert received(receiver)[-1] == "ada@example.com"


def test_a_check_is_seen_rung_by_rung(receiver: FakeServer, visitor: Page) -> None:
    receiver.always = behaviours.after(2, behaviours.answer(200))
    make_member()
    sign_in(visitor)
    register(visitor)
    connect(visitor)
    under_way = visitor.locator(".climbing")
    expect(under_way.locator(".ok")).to_have_count(3)
    expect(visitor.get_by_role("button", name="Check connection")).to_be_disabled()
    expect(visitor.get_by_text("All checks passed.")).to_be_visible()
    expect(under_way).to_have_count(0)


def test_all_of_it_works_without_scripts(
    receiver: FakeServer, celery_worker_process: StartWorkers, scriptless: Page
) -> None:
    make_member()
    celery_worker_process()
    sign_in(scriptless)
    register(scriptless)
    connect(scriptless)
    scriptless.get_by_role("button", name="Check connection").click()
    expect(scriptless.get_by_text("All checks passed.")).to_be_visible()
    publish(scriptless)
    acquire(scriptless)
    see_it_delivered(scriptless)
    go_live(scriptless)
    assert received(receiver)[-1] == "ada@example.com"
