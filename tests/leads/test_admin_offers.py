from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from leads import keys
from leads.models import Offer
from leads.taxonomy import Action, Source
from tests.factories import make_lead, make_offer, make_publisher

pytestmark = pytest.mark.django_db

DASH = "\N{EN DASH}"
DRIVE: dict[str, Any] = {"source": Source.TEST_DRIVE, "action": Action.START_TEST_DRIVE}
ACTIVE: dict[str, Any] = {"source": Source.AZURE_PORTAL, "action": Action.CREATE}
CONTACT: dict[str, Any] = {"source": Source.APPSOURCE, "action": Action.PARTNER_LED_TRIAL}


def at(days_ago: float) -> datetime:
    return timezone.now() - timedelta(days=days_ago)


@pytest.fixture
def offer() -> Offer:
    offer = make_offer()
    make_lead(offer, "a@example.com", **DRIVE, received_at=at(1))
    make_lead(offer, "a@example.com", **ACTIVE, received_at=at(0.5))
    make_lead(offer, "b@example.com", received_at=at(1))
    make_lead(offer, "c@example.com", **CONTACT, country="NO", received_at=at(40))
    return offer


def cells(page: Any, column: str) -> list[str]:
    found = re.findall(rf'class="field-{column}[^"]*">(.*?)</td>', page.content.decode(), re.DOTALL)
    return [re.sub(r"(<[^>]+>)+", " ", cell).strip() for cell in found]


def figures(page: Any) -> list[str]:
    return re.findall(r"<div><b>([^<]+)</b>", page.content.decode())


def table(page: Any) -> list[list[str]]:
    body = page.content.decode().split("<tbody>")[1].split("</tbody>")[0]
    return [re.findall(r'<td class="num">([^<]*)</td>', row) for row in body.split("</tr>")[:-1]]


def test_the_list_shows_each_offers_funnel(admin_client: Client, offer: Offer) -> None:
    make_offer("backup", title="Backup")
    page = admin_client.get("/admin/leads/offer/")
    assert cells(page, "test_drive") == [DASH, "1 1 lead"]
    assert cells(page, "active") == [DASH, "2 2 leads"]
    assert cells(page, "conversion") == [DASH, "66.7\u202f%"]
    assert cells(page, "picture")[0] == "no leads yet"


def test_the_list_takes_as_many_queries_for_many_offers_as_for_one(admin_client: Client, offer: Offer) -> None:
    with CaptureQueriesContext(connection) as few:
        admin_client.get("/admin/leads/offer/")
    for number in range(8):
        make_offer(f"offer-{number}", publisher=make_publisher(f"publisher-{number}"))
    with CaptureQueriesContext(connection) as many:
        admin_client.get("/admin/leads/offer/")
    assert len(many) == len(few)


@pytest.mark.parametrize(("given", "shown"), [("status__exact=live", 1), ("status__exact=draft", 0), ("q=contoso", 1)])
def test_the_list_is_narrowed(admin_client: Client, offer: Offer, given: str, shown: int) -> None:
    assert len(cells(admin_client.get(f"/admin/leads/offer/?{given}"), "how")) == shown


def test_the_funnel_page_counts_thirty_days_and_compares_them(admin_client: Client, offer: Offer) -> None:
    page = admin_client.get(f"/admin/leads/offer/{offer.pk}/funnel/")
    assert figures(page)[:3] == ["2", "3", "50.0\u202f%"]
    text = page.content.decode()
    assert "customers, 1 before" in text
    assert "50.0 points down" in text
    assert '<svg class="funnel-picture"' in text
    assert table(page) == [
        ["1", "1", DASH, DASH, "1", "0"],
        ["1", "1", "0", "0\u202f%", "1", "0"],
        ["1", "1", "0", "0\u202f%", "0", "1"],
    ]


@pytest.mark.parametrize(
    ("asked", "customers", "leads"),
    [
        ("days=7", "2", "3"),
        ("days=90", "3", "4"),
        ("days=all", "3", "4"),
        ("days=all&storefront=appsource", "1", "1"),
        ("days=30&storefront=appsource", "0", "0"),
        ("days=all&country=NO", "1", "1"),
        ("days=all&country=SE", "0", "0"),
        ("days=all&country=NO&storefront=azure_marketplace", "0", "0"),
    ],
)
def test_the_funnel_page_counts_what_is_asked(
    admin_client: Client, offer: Offer, asked: str, customers: str, leads: str
) -> None:
    assert figures(admin_client.get(f"/admin/leads/offer/{offer.pk}/funnel/?{asked}"))[:2] == [customers, leads]


def test_dates_of_ones_own_are_whole_days_both_included(admin_client: Client) -> None:
    offer = make_offer()
    for day, hour in ((9, 23), (10, 0), (11, 23), (12, 0)):
        make_lead(offer, f"{day}-{hour}@example.com", received_at=datetime(2026, 3, day, hour, tzinfo=UTC))
    page = admin_client.get(f"/admin/leads/offer/{offer.pk}/funnel/?since=2026-03-10&until=2026-03-11")
    assert figures(page)[0] == "2"


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("since=yesterday", "Since must be a date such as 2026-01-31."),
        ("since=2026-03-02&until=2026-03-01", "Until must not be before since."),
        ("days=31", "31 is not one of the available choices"),
        ("storefront=elsewhere", "elsewhere is not one of the available choices"),
    ],
)
def test_a_period_that_cannot_be_read_gets_a_sentence(
    admin_client: Client, offer: Offer, asked: str, sentence: str
) -> None:
    page = admin_client.get(f"/admin/leads/offer/{offer.pk}/funnel/?{asked}")
    assert sentence in page.content.decode()
    assert figures(page)[0] == "2"


@pytest.mark.parametrize(
    "market",
    [{}, {"storefront": "appsource"}, {"storefront": "azure_marketplace"}, {"country": "NO"}, {"country": "SE"}],
)
def test_the_page_and_the_api_give_the_same_numbers(admin_client: Client, offer: Offer, market: dict[str, str]) -> None:
    _, token = keys.issue("Reader", offer.publisher)
    since, until = timezone.now().date() - timedelta(days=50), timezone.now().date()
    asked = {"since": since.isoformat(), "until": until.isoformat(), **market}
    page = admin_client.get(f"/admin/leads/offer/{offer.pk}/funnel/", asked)
    wire = {
        "offer": "contoso.crm",
        "since": f"{since}T00:00:00Z",
        "until": f"{until + timedelta(days=1)}T00:00:00Z",
    } | market
    answer = Client().get("/api/v1/funnel", wire, headers={"Authorization": f"Bearer {token}"}).json()
    assert figures(page)[:2] == [str(answer["customers"]), str(answer["leads"])]
    assert [row[:2] for row in table(page)] == [
        [str(stage["customers"]), str(stage["leads"])] for stage in answer["stages"]
    ]


def test_an_offer_that_is_not_there_has_no_funnel(admin_client: Client) -> None:
    assert admin_client.get("/admin/leads/offer/4711/funnel/").status_code == 404
