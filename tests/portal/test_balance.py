from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from leads import destinations
from leads.models import Attempt, Delivery, Destination, Lead
from tests.factories import make_destination, make_lead, make_member, make_offer, make_publisher
from tests.portal.visitor import Seen, Visitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> Visitor:
    return Visitor(make_member())


def settle(lead: Any, state: str) -> None:
    for delivery in Delivery.objects.filter(lead=lead):
        Attempt.objects.create(delivery=delivery, number=1, outcome="created", started_at=timezone.now(), seconds=0.1)
    Delivery.objects.filter(lead=lead).update(state=state, finished_at=timezone.now())


def at(lead: Any, days: int) -> None:
    Lead.objects.filter(pk=lead).update(received_at=timezone.now() - timedelta(days=days))


@pytest.fixture
def history() -> None:
    """Let two offers have leads in many states on several days, and previews and tests beside them."""
    good, held = make_destination("Good"), make_destination("Held")
    Destination.objects.filter(pk=held.pk).update(state="held", problem="Refused.")
    crm, firewall = make_offer(routes=(good, held)), make_offer("firewall", routes=(good,), title="Firewall")
    for number, state in enumerate(["delivered", "delivered", "rejected", "uncertain", "gave_up"]):
        lead = make_lead(firewall, f"{number}@example.com").lead_id
        settle(lead, state)
        at(lead, number % 3)
    at(make_lead(crm).lead_id, 1)
    make_lead(firewall, consent=False)
    make_lead(make_offer("kept", title="Kept"))
    at(make_lead(firewall).lead_id, 40)
    make_lead(make_offer("soon", status="preview", routes=(good,)))
    destinations.send_test_lead(good)


def numbers(page: Seen) -> Iterator[tuple[int, str]]:
    """List each number that is a link to leads, and where it leads."""
    for words, address in page.every_link():
        if address.startswith("/leads/?") and words.replace(",", "").isdigit():
            yield int(words.replace(",", "")), address


def plain(page: Seen) -> str:
    return page.text.replace("\N{EN DASH}", "-")


@pytest.mark.usefixtures("history")
@pytest.mark.parametrize(
    "asked", ["", "?offer=contoso.firewall", f"?since={timezone.now().date() - timedelta(days=1)}", "?since=2026-01-01"]
)
def test_every_number_equals_the_list_it_leads_to(owner: Visitor, asked: str) -> None:
    found = list(numbers(owner.see(f"/balance/{asked}")))
    assert len(found) > 12
    for number, address in found:
        listed = owner.see(address)
        assert "was left out" not in listed.text
        assert listed.html.count('<td class="person">') == number, address


@pytest.mark.usefixtures("history")
def test_the_sum_is_that_of_the_overview(owner: Visitor) -> None:
    assert "8 received = 2 delivered + 1 held + 1 to decide + 1 refused + 1 given up" in owner.see("/").text
    page = owner.see("/balance/")
    text = "8 Received 2 Delivered 0 Waiting 1 Held 1 Refused 1 To decide 1 Gave up 1 Withheld 1 Kept here"
    assert "Balanced Every lead of a customer is accounted for." in page.text
    assert text in page.text
    assert owner.see("/").links()["By offer and day"] == "/balance/"


@pytest.mark.usefixtures("history")
def test_previews_and_tests_stand_apart(owner: Visitor) -> None:
    text = plain(owner.see("/balance/"))
    apart = text[text.index("Apart from these") :]
    assert "Preview leads 1 - 1 -" in apart
    assert "Test leads 1 - 1 -" in apart


@pytest.mark.usefixtures("history")
def test_a_day_has_a_line_for_each_offer_that_had_leads(owner: Visitor) -> None:
    text = plain(owner.see("/balance/"))
    day = timezone.now() - timedelta(days=1)
    assert f"{day:%a} {day.day} {day:%b %Y} 3 1 - 1 - - 1 - - Contoso CRM 1 - - 1 - - - - - Firewall 2 1" in text


@pytest.mark.usefixtures("history")
def test_with_many_lines_days_and_offers_stand_alone(owner: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leads.lines.MOST", 3)
    text = owner.see("/balance/").text
    assert "Choose an offer or a day to see both at once." in text
    assert text.count("Firewall") == 2  # in the filter and among the offers


@pytest.mark.usefixtures("history")
def test_a_name_leads_to_the_books_of_that_alone(owner: Visitor) -> None:
    address = next(address for words, address in owner.see("/balance/").every_link() if words == "Firewall")
    page = owner.see(f"/balance/{address}")
    assert "By offer" not in page.text
    assert "6 Received 2 Delivered" in page.text


def test_a_lost_delivery_turns_it_red_and_names_the_lead(owner: Visitor) -> None:
    lead = make_lead(make_offer(routes=(make_destination(),))).lead_id
    Delivery.objects.all().delete()
    page = owner.see("/balance/")
    assert "Unbalanced 1 lead came in and is in no state." in page.text
    assert "Delivery missing Fewer deliveries are on record than destinations it was sent on to." in page.text
    assert page.links()[str(lead)] == f"/leads/{lead}/"
    assert "Every lead of a customer is accounted for" not in page.text
    assert "These numbers do not add up: 1 lead came in and is in no state." in owner.see("/").text


def test_what_adds_up_and_cannot_be_is_red_all_the_same(owner: Visitor) -> None:
    lead = make_lead(make_offer(routes=(make_destination(),))).lead_id
    Delivery.objects.update(state="delivered", finished_at=timezone.now())
    page = owner.see("/balance/")
    assert "Unbalanced The numbers add up, and hide something." in page.text
    assert page.links()[str(lead)] == f"/leads/{lead}/"


def test_without_leads_it_says_so(owner: Visitor) -> None:
    assert "No leads in this period" in owner.see("/balance/").text


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("since=2020-01-01", "Since: It must be at most 366 days before the end. It was left out."),
        ("since=2026-02-01&until=2026-01-01", "Until: It must not be before since. It was left out."),
        ("offer=fabrikam.crm", "Offer: “fabrikam.crm” is not among the choices."),
    ],
)
def test_a_period_that_cannot_be_is_named_and_left_out(owner: Visitor, asked: str, sentence: str) -> None:
    make_lead(make_offer())
    page = owner.see(f"/balance/?{asked}")
    assert sentence in page.text
    assert page.status == 200


def test_a_period_of_the_past_counts_its_leads(owner: Visitor) -> None:
    offer = make_offer()
    old = make_lead(offer).lead_id
    Lead.objects.filter(pk=old).update(received_at=datetime.fromisoformat("2026-01-31T23:59:59Z"))
    make_lead(offer)
    assert "1 Received" in owner.see("/balance/?since=2026-01-31&until=2026-01-31").text
    assert "No leads in this period" in owner.see("/balance/?until=2026-01-30").text


@pytest.mark.usefixtures("history")
def test_more_leads_cost_no_more_queries(owner: Visitor) -> None:
    with CaptureQueriesContext(connection) as few:
        owner.see("/balance/")
    for number in range(10):
        make_lead(make_offer(f"offer-{number}", routes=(make_destination(f"Place {number}"),)))
    with CaptureQueriesContext(connection) as many:
        owner.see("/balance/")
    assert len(many) == len(few) <= 12


@pytest.mark.parametrize("role", ["owner", "developer", "marketing", "viewer"])
def test_every_member_sees_it(role: str) -> None:
    make_lead(make_offer())
    assert "1 Received" in Visitor(make_member(role)).see("/balance/").text


@pytest.mark.usefixtures("history")
def test_another_publisher_sees_nothing_of_it() -> None:
    page = Visitor(make_member(publisher=make_publisher("fabrikam"))).see("/balance/")
    assert "No leads in this period" in page.text
    assert "Firewall" not in page.html


def test_nobody_sees_it_without_signing_in_or_writes_to_it(owner: Visitor) -> None:
    assert Visitor().see("/balance/").leads_to == "/sign-in/?next=/balance/"
    assert owner.send("/balance/").status == 405
