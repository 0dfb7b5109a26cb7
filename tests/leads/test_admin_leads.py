from __future__ import annotations

import csv
import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from leads.models import Destination, Export, Lead, Offer
from leads.taxonomy import Action, Source
from tests.factories import make_destination, make_lead, make_offer, make_publisher

pytestmark = pytest.mark.django_db

LIST = "/admin/leads/lead/"
ALL = {"action": "export", "select_across": "1", "_selected_action": "0", "index": "0"}


@pytest.fixture
def offer() -> Offer:
    """Sell to Ada today, to Grace forty days ago on AppSource, and show a preview of another offer."""
    offer = make_offer(routes=(make_destination(),))
    make_lead(offer, "ada@example.com", first_name="Ada", company="Analytical")
    long_ago = timezone.now() - timedelta(days=40)
    contact: dict[str, Any] = {"source": Source.APPSOURCE, "action": Action.PARTNER_LED_TRIAL}
    make_lead(offer, "grace@example.com", first_name="Grace", **contact, received_at=long_ago)
    make_lead(make_offer("soon", status="preview", publisher=make_publisher("fabrikam")), "alan@example.com")
    return offer


def shown(page: Any) -> set[str]:
    rows = page.content.decode().partition('id="result_list"')[2]
    return set(re.findall(r"(ada|grace|alan)@example\.com", rows))


def rows_of(answer: Any) -> list[dict[str, str]]:
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(StringIO(text, newline="")))


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", {"ada", "grace", "alan"}),
        ("days=7", {"ada", "alan"}),
        ("days=90", {"ada", "grace", "alan"}),
        ("days=never", {"ada", "grace", "alan"}),
        ("kind__exact=preview", {"alan"}),
        ("stage__exact=3", {"grace"}),
        ("source__exact=SPZA", {"grace"}),
        ("state=waiting", {"ada", "grace"}),
        ("state=bogus", {"ada", "grace", "alan"}),
        ("state=delivered", set()),
        ("q=ADA@example.com", {"ada"}),
        ("q=Gra", {"grace"}),
        ("q=analyt", {"ada"}),
        ("q=race", set()),
    ],
)
def test_the_list_is_narrowed(admin_client: Client, offer: Offer, asked: str, found: set[str]) -> None:
    assert shown(admin_client.get(f"{LIST}?{asked}")) == found


def test_the_list_is_narrowed_to_an_offer_or_a_publisher(admin_client: Client, offer: Offer) -> None:
    assert shown(admin_client.get(f"{LIST}?offer__id__exact={offer.pk}")) == {"ada", "grace"}
    assert shown(admin_client.get(f"{LIST}?publisher__id__exact={offer.publisher_id}")) == {"ada", "grace"}


def test_what_waits_at_a_held_destination_is_found_as_held(admin_client: Client, offer: Offer) -> None:
    Destination.objects.update(state="held", problem="Refused.")
    assert shown(admin_client.get(f"{LIST}?state=held")) == {"ada", "grace"}


def test_the_list_counts_no_further_than_it_leads(admin_client: Client) -> None:
    offer = make_offer()
    lead = make_lead(offer)
    template = Lead.objects.get(pk=lead.lead_id)
    Lead.objects.bulk_create(
        [
            Lead(
                publisher=offer.publisher, offer=offer, customer=template.customer, source=template.source,
                action=template.action, stage=template.stage, received_at=template.received_at,
            )
            for _ in range(1005)
        ]
    )  # fmt: skip
    with CaptureQueriesContext(connection) as queries:
        page = admin_client.get(LIST)
    assert "The newest 1,000 leads." in page.content.decode()
    assert not [
        query["sql"] for query in queries if re.search(r"COUNT\(", query["sql"]) and "leads_lead" in query["sql"]
    ]


def test_a_lead_shows_what_was_said_and_where_it_is(admin_client: Client, offer: Offer) -> None:
    lead = Lead.objects.get(email="ada@example.com")
    page = admin_client.get(f"{LIST}{lead.pk}/change/").content.decode()
    assert "Analytical" in page
    assert "In line for Sales endpoint." in page
    assert f"/admin/leads/delivery/{lead.deliveries.get().pk}/change/" in page


def test_who_must_not_be_contacted_is_marked(admin_client: Client, offer: Offer) -> None:
    assert "Do not contact" not in admin_client.get(f"{LIST}?q=Ada").content.decode().split("result_list")[1]
    make_lead(offer, "ada@example.com", source=Source.APPSOURCE, action=Action.DO_NOT_CONTACT)
    assert "Do not contact" in admin_client.get(f"{LIST}?q=Ada").content.decode().split("result_list")[1]


def test_an_export_takes_what_is_selected(admin_client: Client, offer: Offer) -> None:
    lead = Lead.objects.get(email="grace@example.com")
    answer = admin_client.post(LIST, {"action": "export", "_selected_action": str(lead.pk), "index": "0"})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert re.fullmatch(r'attachment; filename="leads-[\d-]+\.csv"', answer["Content-Disposition"])
    assert [row["Email"] for row in rows_of(answer)] == ["grace@example.com"]


def test_an_export_takes_all_that_match_the_filter(admin_client: Client, offer: Offer) -> None:
    rows = rows_of(admin_client.post(f"{LIST}?kind__exact=live", ALL))
    assert sorted(row["Email"] for row in rows) == ["ada@example.com", "grace@example.com"]


def test_an_export_is_written_down_and_shown(admin_client: Client, admin_user: Any, offer: Offer) -> None:
    rows_of(admin_client.post(f"{LIST}?kind__exact=live&q=Gra&p=1&o=1", ALL))
    made = Export.objects.get()
    assert (made.made_by, made.rows, made.filters) == (admin_user, 1, {"kind": "live", "q": "Gra"})
    page = admin_client.get("/admin/leads/export/").content.decode()
    assert "q = Gra, kind = live" in page


def test_the_page_offers_the_export_of_all_that_match(admin_client: Client, offer: Offer) -> None:
    assert "Export all that match as CSV" in admin_client.get(LIST).content.decode()
    assert "Export all that match" not in admin_client.get(f"{LIST}?q=nobody").content.decode()
