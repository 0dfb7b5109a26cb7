from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from leads import destinations
from leads.models import Delivery, Destination, Lead, Publisher
from tests.factories import make_destination, make_lead, make_member, make_offer, make_publisher

pytestmark = pytest.mark.django_db

PAGE = "/admin/leads/lead/balance/"


@pytest.fixture
def history() -> None:
    """Let two publishers have leads on several days, some held."""
    fabrikam = make_publisher("fabrikam")
    held, theirs = make_destination("Held"), make_destination("Theirs", publisher=fabrikam)
    Destination.objects.filter(pk=held.pk).update(state="held", problem="Refused.")
    crm, kept = make_offer(routes=(held,)), make_offer("kept", title="Kept")
    other = make_offer("inventory", publisher=fabrikam, routes=(theirs,), title="Inventory")
    for number, offer in enumerate([crm, crm, kept, other, other, other]):
        lead = make_lead(offer, f"{number}@example.com")
        at = timezone.now() - timedelta(days=number % 3)
        Lead.objects.filter(pk=lead.lead_id).update(received_at=at)
    make_lead(other, consent=False)
    destinations.send_test_lead(theirs)


def read(client: Client, address: str = PAGE) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split()).replace("\N{EN DASH}", "-")


def numbers(html: str) -> Iterator[tuple[int, str]]:
    for address, number in re.findall(r'<a href="(/admin/leads/lead/\?[^"]+)">([\d,]+)</a>', html):
        yield int(number.replace(",", "")), unescape(address)


@pytest.mark.usefixtures("history")
@pytest.mark.parametrize(
    "asked", ["", "?publisher={contoso}", "?publisher={fabrikam}", "?since=2026-01-01", "?days=90"]
)
def test_every_number_equals_the_list_it_leads_to(admin_client: Client, asked: str) -> None:
    known = {publisher.slug: publisher.pk for publisher in Publisher.objects.all()}
    found = list(numbers(read(admin_client, PAGE + asked.format(**known))))
    assert len(found) > 6
    for number, address in found:
        rows = read(admin_client, address).count('class="action-select"')
        assert rows == number, address


@pytest.mark.usefixtures("history")
def test_all_publishers_are_shown_side_by_side_and_one_by_its_offers(admin_client: Client) -> None:
    everybody = read(admin_client)
    assert "7 Received 0 Delivered 3 Waiting 2 Held" in words(everybody)
    assert "By publisher" in everybody
    assert "Contoso 3 - - 2 - - - - 1 Fabrikam 4 - 3 - - - - 1 -" in words(everybody)
    contoso = read(admin_client, f"{PAGE}?publisher={make_publisher().pk}")
    assert "By offer" in contoso
    assert "Contoso CRM 2 - - 2 - - - - - Kept 1 - - - - - - - 1" in words(contoso)
    assert "Inventory" not in contoso


@pytest.mark.usefixtures("history")
def test_the_first_page_leads_there(admin_client: Client) -> None:
    assert f'<a href="{PAGE}">By day, 2 publishers</a>' in read(admin_client, "/admin/")


def test_what_cannot_be_is_red_and_named(admin_client: Client) -> None:
    lead = make_lead(make_offer(routes=(make_destination(),))).lead_id
    Delivery.objects.all().delete()
    page = read(admin_client)
    assert "Unbalanced 1 lead came in and is in no state." in words(page)
    assert f'<a href="/admin/leads/lead/{lead}/change/">' in page
    assert "1 of 1 leads are in no state." in words(read(admin_client, "/admin/"))


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("since=2020-01-01", "Since must be at most 366 days before the end."),
        ("until=2026-01-01", "Since must be given with until."),
        ("since=2026-02-01&until=2026-01-01", "Until must not be before since."),
        ("publisher=999", "Select a valid choice."),
        ("days=all", "Select a valid choice."),
    ],
)
def test_a_period_that_cannot_be_is_named(admin_client: Client, asked: str, sentence: str) -> None:
    make_lead(make_offer())
    page = words(read(admin_client, f"{PAGE}?{asked}"))
    assert sentence in page
    assert "The last 30 days are shown." in page
    assert "1 Received" in page


def test_without_leads_it_says_so(admin_client: Client) -> None:
    assert "No leads in this period." in read(admin_client)


@pytest.mark.parametrize("who", [None, "owner", "clerk"])
def test_nobody_else_sees_it(client: Client, who: str | None) -> None:
    if who:
        user = make_member() if who == "owner" else User.objects.create_user("clerk", is_staff=True)
        client.force_login(user)
    assert client.get(PAGE).status_code == (403 if who == "clerk" else 302)
