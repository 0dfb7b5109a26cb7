from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from connectors.behaviours import answer
from connectors.fakes import FakeServer
from leads import delivery, destinations
from leads.models import Delivery, Destination, Offer, Replay
from portal.templatetags.lead_tags import OUTCOMES
from portal.writing import DASH
from tests.factories import make_destination, make_lead, make_member, make_offer, make_publisher
from tests.portal.receiver import receiver as receiver
from tests.portal.visitor import Visitor

pytestmark = pytest.mark.django_db

REPLAY = "/deliveries/send-again/"


@pytest.fixture
def owner() -> Visitor:
    return Visitor(make_member())


@pytest.fixture
def place() -> Destination:
    return make_destination()


@pytest.fixture
def offer(place: Destination) -> Offer:
    return make_offer(routes=(place,))


def stopped(offer: Offer, email: str, state: str = "rejected", **told: object) -> Delivery:
    """Make a delivery that ended this way."""
    lead = make_lead(offer, email)
    found = Delivery.objects.get(lead=lead.lead_id)
    values = {
        "state": state,
        "finished_at": timezone.now(),
        "attempts": 1,
        "cause": "http-422",
        "sentence": "No (422).",
    }
    Delivery.objects.filter(pk=found.pk).update(**values | told)
    found.refresh_from_db()
    return found


def stand(place: Destination, state: str) -> None:
    later = timezone.now() + timedelta(minutes=9)
    Destination.objects.filter(pk=place.pk).update(state=state, problem="It said no.", resume_at=later)


# The list


def test_each_delivery_says_where_it_is_and_why(owner: Visitor, offer: Offer, place: Destination) -> None:
    found = stopped(offer, "ada@example.com")
    page = owner.see("/deliveries/")
    assert page.links()["ada@example.com"] == f"/deliveries/{found.pk}/"
    told = f"ada@example.com Contoso CRM Sales endpoint Refused Not taken by Sales endpoint. No (422). 1 {DASH} today"
    assert told in page.text


@pytest.mark.parametrize(("state", "word"), [("held", "Held"), ("resting", "Resting"), ("paused", "Paused")])
def test_what_waits_for_its_destination_shows_that_state(
    owner: Visitor, offer: Offer, place: Destination, state: str, word: str
) -> None:
    make_lead(offer)
    stand(place, state)
    page = owner.see(f"/deliveries/?state={state}")
    assert f"Sales endpoint {word} Waiting: Sales endpoint" in page.text
    assert ("9 min" in page.text) is False
    assert (timezone.now() + timedelta(minutes=9)).strftime("%H:%M") in page.text or state != "resting"


def test_a_later_try_says_when(owner: Visitor, offer: Offer) -> None:
    make_lead(offer)
    due = timezone.now() + timedelta(days=400)
    Delivery.objects.update(attempts=2, due_at=due, sentence="It hung up.")
    text = owner.see("/deliveries/").text
    assert f"Next try at {due:%Y-%m-%d %H:%M} UTC. It hung up. 2 {due.day} {due:%b %Y}" in text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=rejected", {"ada", "grace"}),
        ("state=uncertain", {"radia"}),
        ("state=waiting", {"alan"}),
        ("cause=http-422", {"ada", "radia"}),
        ("cause=http-413", {"grace"}),
        ("offer=contoso.crm", {"ada", "grace"}),
        ("offer=contoso.crm&cause=http-413", {"grace"}),
        ("since=2026-02-01", {"grace", "radia", "alan"}),
    ],
)
def test_filters_stand_in_the_address(
    owner: Visitor, offer: Offer, place: Destination, query: str, found: set[str]
) -> None:
    stopped(offer, "ada@example.com", created_at="2026-01-31T10:00:00Z")
    stopped(offer, "grace@example.com", cause="http-413")
    second = make_offer("second", routes=(place,))
    stopped(second, "radia@example.com", "uncertain")
    make_lead(second, "alan@example.com")
    text = owner.see(f"/deliveries/?{query}").text
    assert {name for name in ("ada", "grace", "radia", "alan") if f"{name}@example.com" in text} == found


def test_one_destination_is_picked_out(owner: Visitor, offer: Offer, place: Destination) -> None:
    other = make_destination("Other")
    stopped(offer, "ada@example.com")
    stopped(make_offer("second", routes=(other,)), "grace@example.com")
    text = owner.see(f"/deliveries/?destination={other.pk}").text
    assert "grace@example.com" in text
    assert "ada@example.com" not in text


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("destination=mine", "Destination: “mine” is not among the choices."),
        ("state=gone", "State: “gone” is not among the choices."),
        ("offer=x", "Offer: “x” is not among the choices."),
        ("since=soon", "Since: Enter a date such as 2026-01-31."),
    ],
)
def test_a_filter_that_cannot_be_read_is_named_and_never_sends(
    owner: Visitor, offer: Offer, query: str, sentence: str
) -> None:
    stopped(offer, "ada@example.com")
    page = owner.see(f"/deliveries/?{query}")
    assert (page.status, sentence in page.text) == (200, True)
    assert REPLAY not in page.html
    for answered in (owner.see(f"{REPLAY}?{query}"), owner.send(f"{REPLAY}?{query}")):
        assert answered.status == 400
        assert sentence in answered.text
        assert REPLAY not in str(answered.posts_to())
    assert Delivery.objects.get().state == "rejected"


def test_what_does_not_land_comes_first_by_destination_and_cause(
    owner: Visitor, offer: Offer, place: Destination
) -> None:
    for name in ("ada", "grace"):
        stopped(offer, f"{name}@example.com")
    stopped(offer, "radia@example.com", "gave_up", cause="timeout", sentence="It never answered.")
    page = owner.see("/deliveries/")
    assert "Refused Sales endpoint: 2 leads. No (422). You must act." in page.text
    assert "Gave up Sales endpoint: 1 lead. It never answered. Whoever runs Sales endpoint must act." in page.text
    assert "Just before the first: it was connected, today" in page.text
    assert page.links()["Send 1, then the other 1…"] == f"{REPLAY}?destination={place.pk}&cause=http-422"
    narrowed = owner.see(page.links()["See them"])
    assert "radia@example.com" not in narrowed.text
    assert "What does not land" not in narrowed.text
    assert narrowed.text.count("@example.com") == 2


def test_a_hold_is_mended_and_one_lead_tried(owner: Visitor, offer: Offer, place: Destination) -> None:
    make_lead(offer)
    stand(place, "held")
    page = owner.see("/deliveries/")
    assert "Held Sales endpoint: 1 lead. It said no. You must act." in page.text
    assert page.links()["Mend the settings"] == reverse("destination-edit", args=[place.pk])
    assert page.links()["Send it again…"] == f"{REPLAY}?destination={place.pk}&cause=held"


def test_a_pause_is_ended_and_not_sent_past(owner: Visitor, offer: Offer, place: Destination) -> None:
    make_lead(offer)
    stand(place, "paused")
    page = owner.see("/deliveries/")
    assert "Paused Sales endpoint: 1 lead. Sales endpoint is paused. You must act. Resume it" in page.text
    assert page.links()["See the destination"] == f"/destinations/{place.pk}/"
    assert REPLAY not in page.html


def test_who_changed_what_and_a_secret_that_ended_are_named(owner: Visitor, offer: Offer, place: Destination) -> None:
    config = place.config | {"auth": "bearer", "token": "x-secret-x"}
    destinations.change(place, config=config, by=make_member("developer"))
    Destination.objects.update(secret_expires_on=timezone.now().date())
    stopped(offer, "ada@example.com")
    text = owner.see("/deliveries/").text
    assert "auth, token changed by developer-contoso, today" in text
    assert f"Its secret ended on {timezone.now().day} " in text
    assert "x-secret-x" not in text


def test_older_deliveries_are_a_page_away(owner: Visitor, offer: Offer) -> None:
    for number in range(51):
        make_lead(offer, f"customer{number:02}@example.com")
    newest = owner.see("/deliveries/?state=waiting")
    assert "customer00@" not in newest.text
    assert "customer00@" in owner.see("/deliveries/" + newest.links()["Older"]).text


@pytest.mark.parametrize("cursor", ["x", "W251bGxd", "WzFlOTk5XQ", "e30", "WzEsMl0", "W1tb" * 2_000])
def test_a_made_up_page_is_the_newest(owner: Visitor, offer: Offer, cursor: str) -> None:
    make_lead(offer)
    page = owner.see(f"/deliveries/?cursor={cursor}")
    assert page.status == 200
    assert "a page that this list did not give out" in page.text


def test_no_deliveries_yet_and_nothing_that_matches_are_told_apart(owner: Visitor, offer: Offer) -> None:
    assert owner.see("/deliveries/").next_things() == ["Open destinations"]
    assert owner.see("/deliveries/?state=held").links()["Clear the filters"] == "/deliveries/"


def test_the_list_costs_the_same_however_long_it_is(owner: Visitor, offer: Offer) -> None:
    stopped(offer, "ada@example.com")
    with CaptureQueriesContext(connection) as few:
        owner.see("/deliveries/")
    second = make_offer("second", routes=(make_destination("Two"),))
    for number in range(5):
        stopped(second, f"customer{number}@example.com", cause=f"http-41{number}")
    with CaptureQueriesContext(connection) as many:
        owner.see("/deliveries/")
    assert len(many) == len(few) <= 18


# One delivery


def test_every_try_is_shown_with_its_answer(
    owner: Visitor, offer: Offer, place: Destination, receiver: FakeServer
) -> None:
    receiver.queue.append(answer(422, "<script>no country</script>"))
    make_lead(offer)
    delivery.drain(place.pk)
    found = Delivery.objects.get()
    owner.send(f"/deliveries/{found.pk}/send-again/")
    delivery.drain(place.pk)
    page = owner.see(f"/deliveries/{found.pk}/")
    assert "Answered 2 tries Taken 200 today" in page.text
    assert '<pre tabindex="0">&lt;script&gt;no country&lt;/script&gt;</pre>' in page.html
    assert "Delivered to Sales endpoint." in page.text
    assert f'"LeadId": "{found.lead_id}"' in page.text
    assert page.links()["the lead"] == f"/leads/{found.lead_id}/"


def test_every_outcome_has_a_word() -> None:
    receipts = {"created", "updated", "duplicate"}
    errors = {"unavailable", "unanswered", "unsent", "misconfigured", "rejected", "uncertain"}
    assert OUTCOMES.keys() == receipts | errors | {"lost"}


def test_what_is_kept_back_shows_nothing_to_send(owner: Visitor, offer: Offer) -> None:
    lead = make_lead(offer, consent=False)
    found = Delivery.objects.get(lead=lead.lead_id)
    page = owner.see(f"/deliveries/{found.pk}/")
    assert "It was kept back, so nothing is sent." in page.text
    assert page.posts_to() == []


def test_a_place_in_the_target_is_a_link(owner: Visitor, offer: Offer) -> None:
    found = stopped(offer, "ada@example.com", "delivered", remote_id="00Q1", remote_url="https://crm.example/00Q1")
    assert owner.see(f"/deliveries/{found.pk}/").links()["00Q1"] == "https://crm.example/00Q1"


# Sending again


def test_one_is_sent_again(owner: Visitor, offer: Offer) -> None:
    found = stopped(offer, "ada@example.com")
    page = owner.sent_on(f"/deliveries/{found.pk}/send-again/")
    found.refresh_from_db()
    assert (found.state, found.attempts) == ("waiting", 0)
    assert "In line for Sales endpoint again." in page.text


def test_what_may_land_twice_asks_once_more(owner: Visitor, offer: Offer) -> None:
    found = stopped(offer, "ada@example.com", "uncertain")
    page = owner.see(f"/deliveries/{found.pk}/")
    assert "If the first message did arrive, Sales endpoint gets this lead twice." in page.text
    assert page.posts_to() == [f"/deliveries/{found.pk}/send-again/"]


def test_what_is_delivered_is_not_sent_again(owner: Visitor, offer: Offer) -> None:
    found = stopped(offer, "ada@example.com", "delivered")
    assert owner.see(f"/deliveries/{found.pk}/").posts_to() == []
    page = owner.sent_on(f"/deliveries/{found.pk}/send-again/")
    assert "It is delivered, so there is nothing to send again." in page.text
    found.refresh_from_db()
    assert found.state == "delivered"


def test_sending_all_again_is_counted_first_and_takes_every_page(owner: Visitor, offer: Offer) -> None:
    for number in range(52):
        stopped(offer, f"customer{number}@example.com")
    for number in range(2):
        stopped(offer, f"maybe{number}@example.com", "uncertain")
    stopped(offer, "other@example.com", cause="http-413")
    filtered = owner.see("/deliveries/?cause=http-422")
    address = filtered.links()["Send all that match again…"]
    assert address == f"{REPLAY}?cause=http-422"
    page = owner.see(address)
    assert "Send 1, then the other 53?" in page.text
    assert "2 may land twice." in page.text
    assert not Delivery.objects.filter(state="waiting").exists()
    [action] = page.posts_to()
    done = owner.sent_on(action)
    assert "54 deliveries sent again" in done.text
    assert "Cause: http-422" in done.text
    assert "Trying one One goes first." in done.text
    assert Delivery.objects.filter(state="waiting").count() == 1
    assert Delivery.objects.filter(replay=Replay.objects.get()).count() == 54
    assert Delivery.objects.get(cause="http-413").state == "rejected"


def test_nothing_to_send_again_says_so(owner: Visitor, offer: Offer) -> None:
    stopped(offer, "ada@example.com", "delivered")
    page = owner.see(f"{REPLAY}?state=delivered")
    assert "Nothing that matches can be sent again" in page.text
    assert page.posts_to() == []


# Access


@pytest.mark.parametrize("role", ["owner", "developer", "marketing"])
def test_who_follows_up_may_send_again(role: str, offer: Offer) -> None:
    visitor = Visitor(make_member(role))
    found = stopped(offer, "ada@example.com")
    assert visitor.see(f"/deliveries/{found.pk}/").posts_to() == [f"/deliveries/{found.pk}/send-again/"]
    assert visitor.see(f"{REPLAY}?state=rejected").status == 200
    begun = visitor.send(f"{REPLAY}?state=rejected")
    assert begun.leads_to == f"/deliveries/replays/{Replay.objects.get().pk}/"
    assert visitor.send(f"/deliveries/{found.pk}/send-again/").status == 302


def test_viewers_look_and_send_nothing(offer: Offer) -> None:
    visitor = Visitor(make_member("viewer"))
    found = stopped(offer, "ada@example.com")
    listed, shown = visitor.see("/deliveries/?state=rejected"), visitor.see(f"/deliveries/{found.pk}/")
    assert (listed.status, shown.status) == (200, 200)
    assert "send-again" not in listed.html + shown.html
    assert visitor.see(REPLAY).status == 403
    for address in (REPLAY, f"/deliveries/{found.pk}/send-again/"):
        assert visitor.send(address).status == 403, address
    found.refresh_from_db()
    assert found.state == "rejected"


def test_another_publisher_finds_nothing_and_sends_nothing(offer: Offer) -> None:
    fabrikam = Visitor(make_member(publisher=make_publisher("fabrikam")))
    found = stopped(offer, "ada@example.com")
    page = fabrikam.see("/deliveries/")
    assert "ada@example.com" not in page.text
    assert "Sales endpoint" not in page.text
    assert fabrikam.see(f"/deliveries/{found.pk}/").status == 404
    assert fabrikam.send(f"/deliveries/{found.pk}/send-again/").status == 404
    assert "Nothing that matches can be sent again" in fabrikam.see(REPLAY).text
    fabrikam.send(REPLAY)
    found.refresh_from_db()
    assert found.state == "rejected"


def test_who_is_not_signed_in_is_asked_to(offer: Offer) -> None:
    found = stopped(offer, "ada@example.com")
    for address in ("/deliveries/", f"/deliveries/{found.pk}/", REPLAY):
        assert Visitor().see(address).leads_to.startswith("/sign-in/?next="), address
    for address in (REPLAY, f"/deliveries/{found.pk}/send-again/"):
        assert Visitor().send(address).leads_to.startswith("/sign-in/?next="), address


def test_sending_again_is_pressed_and_not_followed(owner: Visitor, offer: Offer) -> None:
    found = stopped(offer, "ada@example.com")
    assert owner.see(f"/deliveries/{found.pk}/send-again/").status == 405


# Missing in the target


def gone(offer: Offer, email: str = "ada@example.com") -> Delivery:
    now = timezone.now()
    return stopped(offer, email, "delivered", cause="", sentence="", landing="missing", landing_checked_at=now)


def test_one_that_is_missing_is_sent_again_after_the_risk_was_said(
    owner: Visitor, offer: Offer, receiver: FakeServer
) -> None:
    found = gone(offer)
    page = owner.see(f"/deliveries/{found.pk}/")
    assert "If it was merged there, or deleted on purpose, Sales endpoint gets this lead a second time." in page.text
    owner.send(f"/deliveries/{found.pk}{REPLAY.removeprefix('/deliveries')}")
    found.refresh_from_db()
    assert (found.state, found.is_missing) == ("waiting", False)
    delivery.drain(found.destination_id)
    assert "Send again" not in owner.see(f"/deliveries/{found.pk}/").text


def test_those_that_are_missing_are_a_group_and_sent_again_by_it(
    owner: Visitor, offer: Offer, place: Destination
) -> None:
    gone(offer), gone(offer, "grace@example.com")
    page = owner.see("/deliveries/")
    assert "Missing Sales endpoint: 2 leads. Taken, and not there any more when we looked." in page.text
    address = f"{REPLAY}?destination={place.pk}&cause=missing"
    assert page.links()["Send 1, then the other 1…"] == address
    asked = owner.see(address).text
    assert "Send 1, then the other 1?" in asked
    assert "2 may land twice. They were sent before, and may be there all the same, or have been deleted" in asked
    owner.send(address)
    assert Delivery.objects.filter(state="waiting").count() == 1


def test_what_is_missing_is_not_sent_with_all_the_rest(owner: Visitor, offer: Offer) -> None:
    gone(offer)
    stopped(offer, "grace@example.com")
    assert "Send one delivery again?" in owner.see(REPLAY).text
    assert "Send one delivery again?" in owner.see(f"{REPLAY}?state=missing").text
    owner.send(REPLAY)
    assert Delivery.objects.get(landing="missing").state == "delivered"
