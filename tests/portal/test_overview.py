from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from leads import health
from leads.models import Delivery, Destination, Lead, Offer
from tests.factories import make_destination, make_lead, make_member, make_offer, make_publisher
from tests.portal.visitor import Visitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> Visitor:
    return Visitor(make_member())


def settle(destination: Destination, state: str = "delivered", **told: str) -> None:
    Delivery.objects.filter(destination=destination).update(state=state, finished_at=timezone.now(), **told)


def hold(destination: Destination) -> None:
    destination.state = Destination.State.HELD
    destination.problem, destination.problem_fix = "It refused the sign-in (401).", "Save the right password."
    destination.problem_since = timezone.now()
    destination.save()


def test_a_new_publisher_is_told_what_to_do_first(owner: Visitor) -> None:
    page = owner.see("/")
    assert "No offers yet" in page.text
    assert page.links()["Register your first offer"] == "/offers/register/"
    assert "Needs you now" not in page.text


def test_who_may_only_look_is_not_offered_to_register() -> None:
    page = Visitor(make_member("viewer")).see("/")
    assert "Owners and developers register offers." in page.text
    assert "/offers/register/" not in page.html


def test_without_a_destination_the_next_thing_is_to_connect_one(owner: Visitor) -> None:
    make_offer()
    page = owner.see("/")
    assert "Leads are kept here and go nowhere yet." in page.text
    assert page.links()["Connect a destination"] == "/destinations/new/"
    assert page.links()["Choose a destination"] == "/offers/contoso.crm/edit/"


def test_nothing_is_needed_while_all_is_well(owner: Visitor) -> None:
    make_offer(routes=(make_destination(),))
    assert "Nothing needs you." in owner.see("/").text


def test_a_held_destination_is_named_with_cause_comfort_and_action(owner: Visitor) -> None:
    destination = make_destination()
    offer = make_offer(routes=(destination,))
    for person in ("ada@example.com", "bob@example.com"):
        make_lead(offer, person)
    hold(destination)
    page = owner.see("/")
    assert "Sales endpoint: It refused the sign-in (401). 2 leads wait." in page.text
    assert "Save the right password. Nothing is lost: what waits is sent as soon as this is mended." in page.text
    assert page.links()["Mend the settings"] == f"/destinations/{destination.pk}/edit/"


def test_who_may_only_look_sees_the_destination_and_no_settings() -> None:
    destination = make_destination()
    make_offer(routes=(destination,))
    hold(destination)
    links = Visitor(make_member("marketing")).see("/").links()
    assert "Mend the settings" not in links
    assert links["See the destination"] == f"/destinations/{destination.pk}/"


def test_a_resting_destination_says_until_when(owner: Visitor) -> None:
    destination = make_destination()
    make_lead(make_offer(routes=(destination,)))
    destination.state, destination.resume_at = Destination.State.RESTING, timezone.now() + timedelta(days=400)
    destination.problem = "It asked us to slow down."
    destination.save()
    page = owner.see("/")
    until = destination.resume_at
    assert f"It asked us to slow down. 1 lead waits until {until.day} {until:%b %Y}." in page.text
    assert page.links()["See the queue"] == f"/deliveries/?destination={destination.pk}&cause=resting"


def test_a_pause_is_remembered_while_leads_wait_for_its_end(owner: Visitor) -> None:
    destination = make_destination()
    make_lead(make_offer(routes=(destination,)))
    health.pause(destination)
    assert "Sales endpoint is paused. 1 lead waits." in owner.see("/").text


@pytest.mark.parametrize(
    ("state", "sentence", "action"),
    [
        ("uncertain", "1 lead may or may not have reached Sales endpoint.", "Decide"),
        ("rejected", "Sales endpoint refused 1 lead.", "See why"),
        ("gave_up", "1 lead did not get through to Sales endpoint.", "Send again"),
    ],
)
def test_leads_that_stopped_lead_to_their_deliveries(owner: Visitor, state: str, sentence: str, action: str) -> None:
    destination = make_destination()
    make_lead(make_offer(routes=(destination,)))
    settle(destination, state, cause="http-400", sentence="It answered 400.")
    page = owner.see("/")
    assert f"{sentence} It answered 400." in page.text
    assert ("You must act." in page.text) == (state == "rejected")
    assert ("Whoever runs Sales endpoint must act." in page.text) == (state == "gave_up")
    assert page.links()[action] == f"/deliveries/?destination={destination.pk}&cause=http-400"


def test_numbers_add_up_in_sight(owner: Visitor) -> None:
    good, held = make_destination("Good"), make_destination("Held")
    first, second = make_offer("one", routes=(good,)), make_offer("two", routes=(held,))
    for number in range(3):
        make_lead(first, f"{number}@example.com")
    settle(good)
    make_lead(second)
    hold(held)
    make_lead(make_offer("three"))
    assert "5 received = 3 delivered + 1 held + 1 kept here." in owner.see("/").text


def test_old_leads_previews_and_tests_are_not_in_the_numbers(owner: Visitor) -> None:
    offer = make_offer()
    old = make_lead(offer)
    Lead.objects.filter(pk=old.lead_id).update(received_at=timezone.now() - timedelta(days=32))
    make_lead(make_offer("other", status=Offer.Status.PREVIEW))
    assert "No customer's lead has come in yet." in owner.see("/").text


def test_numbers_that_do_not_add_up_say_so_and_lead_to_the_books(owner: Visitor) -> None:
    make_lead(make_offer(routes=(make_destination(),)))
    Delivery.objects.all().delete()
    page = owner.see("/")
    assert "These numbers do not add up: 1 lead came in and is in no state." in page.text
    assert page.links()["See which"] == "/balance/"


def test_each_offer_shows_its_customers_by_stage_and_where_they_go(owner: Visitor) -> None:
    make_lead(make_offer(routes=(make_destination(),)))
    page = owner.see("/")
    assert "contoso.crm" in page.text
    assert "<title>Test drive 0, Initial interest 1, Active 0</title>" in " ".join(page.html.split())
    assert page.links()["Sales endpoint"].startswith("/destinations/")


def test_the_busiest_offers_come_first_and_the_others_are_a_link_away(owner: Visitor) -> None:
    for number in range(12):
        make_offer(f"offer-{number:02}", title=f"Offer {number:02}")
    make_lead(Offer.objects.get(offer_id="offer-11"))
    page = owner.see("/")
    assert page.links()["All 12 offers"] == "/offers/"
    shown = [words for words in page.links() if words.startswith("Offer ")]
    assert shown == ["Offer 11", *[f"Offer {number:02}" for number in range(9)]]


def test_more_offers_cost_no_more_queries(owner: Visitor) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert owner.see("/").status == 200
        return len(seen)

    first = make_destination("First")
    make_lead(make_offer("first", routes=(first,)))
    hold(first)
    few = queries()
    for number in range(8):
        destination = make_destination(f"Destination {number}")
        make_lead(make_offer(f"offer-{number}", routes=(destination,)))
        hold(destination)
    assert queries() == few <= 18


def test_another_publisher_sees_nothing_of_it() -> None:
    destination = make_destination("Secret endpoint")
    make_lead(make_offer(routes=(destination,)))
    hold(destination)
    page = Visitor(make_member(publisher=make_publisher("fabrikam"))).see("/")
    assert "No offers yet" in page.text
    assert "Secret endpoint" not in page.html


def test_nobody_sees_it_without_signing_in() -> None:
    assert Visitor().see("/").leads_to == "/sign-in/?next=/"


def test_a_page_that_is_not_there_says_so_in_the_portals_look() -> None:
    page = Visitor().see("/nowhere/")
    assert page.status == 404
    assert "There is nothing here" in page.text


def test_a_fault_of_ours_is_owned_up_to(owner: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leads.balance.COUNT", "SELECT nonsense")
    owner.client.raise_request_exception = False
    page = owner.see("/")
    assert page.status == 500
    assert "Something broke on our side" in page.text
    assert "nonsense" not in page.html


def test_a_request_for_another_host_is_refused_in_the_portals_look() -> None:
    page = Visitor(SERVER_NAME="evil.example").see("/")
    assert page.status == 400
    assert "We could not read this request" in page.text
