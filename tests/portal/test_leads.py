from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from connectors.behaviours import answer
from connectors.fakes import FakeServer
from leads import delivery, destinations, health
from leads.models import Attempt, Delivery, Lead, Offer
from leads.taxonomy import Action, Source
from tests.factories import make_destination, make_lead, make_member, make_offer, make_publisher
from tests.portal.receiver import receiver as receiver
from tests.portal.visitor import Visitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> Visitor:
    return Visitor(make_member())


@pytest.fixture
def offer() -> Offer:
    return make_offer(routes=(make_destination(),))


# The list


def test_a_lead_is_told_in_the_words_of_the_storefront(owner: Visitor, offer: Offer) -> None:
    lead = make_lead(offer, first_name="Ada", last_name="Lovelace")
    page = owner.see("/leads/")
    told = (
        "Ada Lovelace ada@example.com Get it now Azure Marketplace Initial interest Contoso CRM Waiting Sales endpoint"
    )
    assert told in page.text
    assert page.links()["Ada Lovelace"] == f"/leads/{lead.lead_id}/"


def test_the_newest_lead_comes_first_and_older_ones_are_a_page_away(owner: Visitor, offer: Offer) -> None:
    for number in range(51):
        make_lead(offer, f"customer{number:02}@example.com")
    newest = owner.see("/leads/")
    assert newest.text.index("customer50@") < newest.text.index("customer49@")
    assert "customer00@" not in newest.text
    older = owner.see("/leads/" + newest.links()["Older"])
    assert "customer00@" in older.text
    assert "customer50@" not in older.text
    assert older.links()["Back to the newest"] == "?"


def test_paging_keeps_the_filters(owner: Visitor, offer: Offer) -> None:
    for number in range(51):
        make_lead(offer, f"customer{number:02}@example.com")
    newest = owner.see("/leads/?stage=2&kind=live")
    assert newest.links()["Older"].startswith("?stage=2&kind=live&cursor=")


def test_previews_tests_and_do_not_contact_are_marked(owner: Visitor, offer: Offer) -> None:
    make_lead(make_offer("insights", status="preview"), "preview@example.com")
    destinations.send_test_lead(offer.destinations.get())
    make_lead(offer, "quiet@example.com", source=Source.APPSOURCE, action=Action.DO_NOT_CONTACT)
    text = owner.see("/leads/").text
    assert "preview@example.com Preview" in text
    assert "Test lead Test MSFT_TEST_" in text
    assert "quiet@example.com Do not contact" in text


def test_earlier_leads_of_who_must_not_be_contacted_are_marked_too(owner: Visitor, offer: Offer) -> None:
    make_lead(offer, "quiet@example.com")
    make_lead(offer, "quiet@example.com", source=Source.APPSOURCE, action=Action.DO_NOT_CONTACT)
    assert owner.see("/leads/?stage=2").text.count("Do not contact") == 1


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("offer=contoso.crm", {"ada", "grace"}),
        ("offer=contoso.firewall", {"radia"}),
        ("stage=3", {"grace"}),
        ("source=SPZA", {"grace"}),
        ("storefront=appsource", {"grace"}),
        ("kind=preview", {"radia"}),
        ("country=GB", {"ada"}),
        ("state=held", {"ada", "grace"}),
        ("state=delivered", set()),
        ("q=GRACE@example.com", {"grace"}),
        ("q=Love", {"ada"}),
        ("since=2026-01-02", {"grace", "radia"}),
        ("until=2026-01-01", {"ada"}),
        ("since=2026-01-01&until=2026-01-01&country=GB", {"ada"}),
        ("offer=contoso.crm&stage=2&q=ada", {"ada"}),
    ],
)
def test_filters_stand_in_the_address(owner: Visitor, offer: Offer, query: str, found: set[str]) -> None:
    ada = make_lead(offer, "ada@example.com", last_name="Lovelace", first_name="Ada", country="GB")
    make_lead(offer, "grace@example.com", source=Source.APPSOURCE, action=Action.PARTNER_LED_TRIAL, country="US")
    make_lead(make_offer("firewall", status="preview"), "radia@example.com")
    Lead.objects.filter(pk=ada.lead_id).update(received_at="2026-01-01T23:59:59Z")
    destination = offer.destinations.get()
    destination.state, destination.problem = "held", "It refused us."
    destination.save()
    text = owner.see(f"/leads/?{query}").text
    assert {name for name in ("ada", "grace", "radia") if f"{name}@example.com" in text} == found


def test_a_chip_takes_its_filter_off(owner: Visitor, offer: Offer) -> None:
    page = owner.see("/leads/?offer=contoso.crm&stage=3")
    chips = {words.rpartition(" ")[0]: address for words, address in page.links().items()}
    assert chips["Offer: Contoso CRM"] == "?stage=3"
    assert chips["Stage: Active"] == "?offer=contoso.crm"
    assert page.links()["Clear all"] == "?"


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("offer=fabrikam.crm", "Offer: “fabrikam.crm” is not among the choices."),
        ("stage=nine", "Stage: “nine” is not among the choices."),
        ("state=lost", "Where it is: “lost” is not among the choices."),
        ("since=yesterday", "Since: Enter a date such as 2026-01-31."),
        ("until=9999-12-31", "Until: Enter a date such as 2026-01-31."),
        ("q=%00", "Search: Null characters are not allowed."),
        ("q=" + "a" * 300, "Search: Ensure this value has at most 254 characters"),
    ],
)
def test_a_filter_that_cannot_be_read_is_named_and_left_out(
    owner: Visitor, offer: Offer, query: str, sentence: str
) -> None:
    make_lead(offer)
    page = owner.see(f"/leads/?{query}")
    assert page.status == 200
    assert sentence in page.text
    assert "ada@example.com" in page.text


@pytest.mark.parametrize("cursor", ["x", "W10", "WyIyMDI2LTAxLTAxIiwgIngiXQ", "%00"])
def test_a_made_up_page_is_the_newest(owner: Visitor, offer: Offer, cursor: str) -> None:
    make_lead(offer)
    page = owner.see(f"/leads/?cursor={cursor}")
    assert "a page that this list did not give out" in page.text
    assert "ada@example.com" in page.text


def test_no_leads_yet_and_nothing_that_matches_are_told_apart(owner: Visitor, offer: Offer) -> None:
    assert owner.see("/leads/").next_things() == ["Open offers"]
    make_lead(offer)
    page = owner.see("/leads/?q=nobody")
    assert "Nothing matches" in page.text
    assert page.links()["Clear the filters"] == "/leads/"


def test_the_list_costs_the_same_however_long_it_is(owner: Visitor, offer: Offer) -> None:
    make_lead(offer)
    with CaptureQueriesContext(connection) as few:
        owner.see("/leads/")
    second = make_offer("second", routes=(make_destination("Two"), make_destination("Three")))
    for number in range(5):
        make_lead(second, f"customer{number}@example.com")
    with CaptureQueriesContext(connection) as many:
        owner.see("/leads/")
    assert len(many) == len(few) <= 8


# One lead


def test_a_lead_that_landed_tells_its_whole_story(owner: Visitor, offer: Offer, receiver: FakeServer) -> None:
    received = make_lead(offer, first_name="Ada", last_name="Lovelace")
    delivery.drain(offer.destinations.get().pk)
    text = owner.see(f"/leads/{received.lead_id}/").text
    assert "Delivered Delivered to Sales endpoint. 1 try spent." in text
    story = [
        "Received",
        "Stage: initial interest",
        "New customer",
        "Routed",
        "Sent to Sales endpoint Taken",
        "Answered 200",
    ]
    places = [text.index(moment) for moment in [*story, "Landed at Sales endpoint Known there as L-4711."]]
    assert places == sorted(places)


def test_a_lead_that_waits_says_why(owner: Visitor, offer: Offer) -> None:
    received = make_lead(offer)
    health.pause(offer.destinations.get())
    text = owner.see(f"/leads/{received.lead_id}/").text
    assert "Paused Waiting: Sales endpoint is paused. It goes on when somebody resumes it. It would be" in text
    assert "It would be sent at once if you resumed Sales endpoint. No try spent." in text


def test_a_try_that_failed_is_told_with_its_answer(owner: Visitor, offer: Offer, receiver: FakeServer) -> None:
    receiver.always = answer(422, "no country")
    received = make_lead(offer)
    delivery.drain(offer.destinations.get().pk)
    text = owner.see(f"/leads/{received.lead_id}/").text
    assert "Sent to Sales endpoint Refused leads.contoso.example refused this lead (422). Answered 422 after" in text
    assert "Refused: Sales endpoint" in text


def test_a_lead_of_an_offer_without_destination_is_kept_and_says_so(owner: Visitor) -> None:
    received = make_lead(make_offer())
    text = owner.see(f"/leads/{received.lead_id}/").text
    assert "It went nowhere: its offer had no destination when it came in. It is kept here." in text
    assert "Not routed" in text


def test_a_customer_seen_before_and_who_must_not_be_contacted_are_said(owner: Visitor, offer: Offer) -> None:
    make_lead(offer)
    received = make_lead(offer, source=Source.APPSOURCE, action=Action.DO_NOT_CONTACT)
    page = owner.see(f"/leads/{received.lead_id}/")
    assert "Customer known by e-mail since" in page.text
    assert "No stage: do not contact" in page.text
    assert "This customer asked not to be contacted." in page.text
    assert page.links()["all leads of this customer"] == "/leads/?q=ada%40example.com"


def test_preview_and_test_leads_say_that_they_do_not_count(owner: Visitor) -> None:
    received = make_lead(make_offer(status="preview"))
    assert "A preview lead counts in no funnel" in owner.see(f"/leads/{received.lead_id}/").text
    test = destinations.send_test_lead(make_destination())
    page = owner.see(f"/leads/{test.lead_id}/")
    assert "A test lead counts in no funnel" in page.text
    assert "AzureMarketplace-INS|test" in page.text


def test_fields_are_shown_as_sent(owner: Visitor, offer: Offer) -> None:
    given: dict[str, Any] = {
        "first_name": "<b>Ada</b>",
        "phone": "+44 20",
        "country": "GB",
        "company": "Engines & Co",
        "title": "Countess",
    }
    extra = {"campaign": "spring", "seats": 25, "tags": ["a", "é"]}
    received = make_lead(offer, " Ada@Example.com", **given, description="Call me.", extra=extra, consent=True)
    page = owner.see(f"/leads/{received.lead_id}/")
    assert "<b>Ada</b>" not in page.html
    for told in (*given.values(), "Ada@Example.com", "Call me.", "AzureMarketplace-INS|contoso.crm", "Consent given"):
        assert told in page.text, told
    assert 'tags ["a", "é"] seats 25 campaign spring' in page.text


def test_a_delivered_lead_links_to_where_it_is(owner: Visitor, offer: Offer) -> None:
    received = make_lead(offer)
    now = timezone.now()
    Delivery.objects.update(state="delivered", finished_at=now, remote_id="00Q1", remote_url="https://crm.example/00Q1")
    page = owner.see(f"/leads/{received.lead_id}/")
    assert page.links()["Open it there"] == "https://crm.example/00Q1"
    assert page.links()["Open in HTTPS endpoint"] == "https://crm.example/00Q1"


def test_a_page_costs_the_same_however_long_the_story(owner: Visitor) -> None:
    places = [make_destination(name) for name in ("One", "Two", "Three")]
    short, long = make_lead(make_offer(routes=tuple(places[:1]))), make_lead(make_offer("long", routes=tuple(places)))
    for found in Delivery.objects.filter(lead=long.lead_id):
        for number in range(4):
            at = timezone.now() - timedelta(minutes=number)
            Attempt.objects.create(delivery=found, number=number, outcome="unavailable", started_at=at, seconds=0.1)
    with CaptureQueriesContext(connection) as few:
        owner.see(f"/leads/{short.lead_id}/")
    with CaptureQueriesContext(connection) as many:
        owner.see(f"/leads/{long.lead_id}/")
    assert len(many) == len(few) <= 8


# Access


@pytest.mark.parametrize("role", ["owner", "developer", "marketing", "viewer"])
def test_every_member_reads_leads(role: str, offer: Offer) -> None:
    received = make_lead(offer)
    visitor = Visitor(make_member(role))
    assert "ada@example.com" in visitor.see("/leads/").text
    assert "ada@example.com" in visitor.see(f"/leads/{received.lead_id}/").text


def test_another_publisher_finds_nothing(offer: Offer) -> None:
    received = make_lead(offer)
    fabrikam = Visitor(make_member(publisher=make_publisher("fabrikam")))
    assert "ada@example.com" not in fabrikam.see("/leads/").text
    assert "Nothing matches" in fabrikam.see("/leads/?q=ada@example.com").text
    assert fabrikam.see(f"/leads/{received.lead_id}/").status == 404


def test_who_is_not_signed_in_is_asked_to(offer: Offer) -> None:
    received = make_lead(offer)
    for address in ("/leads/", f"/leads/{received.lead_id}/"):
        assert Visitor().see(address).leads_to.startswith("/sign-in/?next="), address


def test_leads_are_read_only(owner: Visitor, offer: Offer) -> None:
    received = make_lead(offer)
    for address in ("/leads/", f"/leads/{received.lead_id}/"):
        assert owner.send(address).status == 405, address
