from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from connectors.behaviours import answer
from connectors.fakes import FakeServer
from leads import choosing, delivery, replay
from leads.filters import DeliveryFilter
from leads.models import Delivery, Destination, Offer, Replay
from tests.factories import make_destination, make_member, make_offer, make_publisher
from tests.portal.receiver import receiver as receiver
from tests.portal.test_deliveries import stopped
from tests.portal.visitor import Visitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> Visitor:
    return Visitor(make_member())


@pytest.fixture
def place() -> Destination:
    return make_destination()


@pytest.fixture
def offer(place: Destination) -> Offer:
    return make_offer(routes=(place,))


def begin(wanted: DeliveryFilter | None = None) -> Replay:
    wanted = wanted or DeliveryFilter()
    found = replay.start(wanted.apply(Delivery.objects.all()), filters=wanted.words(), by=None)
    assert found is not None
    return found


@pytest.fixture
def begun(offer: Offer) -> Replay:
    for number in range(3):
        stopped(offer, f"customer{number}@example.com")
    return begin()


def page_of(found: Replay, more: str = "") -> str:
    return f"/deliveries/replays/{found.pk}/{more}"


def step(found: Replay, place: Destination) -> None:
    delivery.drain(place.pk)
    replay.advance(found.pk)


def test_it_shows_one_first_then_the_others_then_that_all_has_landed(
    owner: Visitor, begun: Replay, place: Destination, receiver: FakeServer
) -> None:
    shown = owner.see(page_of(begun))
    assert "Trying one One goes first. The others follow when it has landed." in shown.text
    assert "1 on their way 2 to come" in shown.text
    step(begun, place)
    assert "Sending the rest The first has landed." in owner.see(page_of(begun)).text
    step(begun, place)
    done = owner.see(page_of(begun))
    assert "Done All of it has landed." in done.text
    assert "3 landed" in done.text
    assert done.posts_to() == []


def test_it_says_why_it_stopped_and_what_stays(
    owner: Visitor, begun: Replay, place: Destination, receiver: FakeServer
) -> None:
    receiver.queue.append(answer(422))
    step(begun, place)
    shown = owner.see(page_of(begun)).text
    assert "Stopped Sales endpoint failed again: leads.contoso.example refused this lead (422). The other 2 " in shown
    assert "1 failed again" in shown
    assert "2 left as they were" in shown
    assert "Once the cause is gone, send them again." in shown


def test_the_part_that_moves_asks_for_itself_until_it_has_ended(owner: Visitor, begun: Replay) -> None:
    address = page_of(begun, "progress/")
    moving = owner.see(address).html
    assert f'hx-get="{address}"' in moving
    assert "<html" not in moving
    Replay.objects.update(state="done")
    assert "hx-get" not in owner.see(address).html


def test_many_are_being_got_ready_and_nothing_is_sent_yet(
    owner: Visitor, offer: Offer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choosing, "PART", 2)
    for number in range(5):
        stopped(offer, f"customer{number}@example.com")
    shown = owner.sent_on("/deliveries/send-again/?state=rejected")
    assert "Getting ready First all of it is marked. Nothing is sent before." in shown.text
    assert "0 on their way 5 to come" in shown.text
    assert not Delivery.objects.filter(state="waiting").exists()


def test_somebody_stops_it(owner: Visitor, begun: Replay) -> None:
    assert owner.see(page_of(begun)).posts_to() == [page_of(begun, "stop/")]
    ended = owner.sent_on(page_of(begun, "stop/"))
    assert "Stopped owner-contoso stopped it." in ended.text
    assert Delivery.objects.filter(state="rejected").count() == 2
    assert "It had ended already." in owner.sent_on(page_of(begun, "stop/")).text


def test_one_that_is_being_sent_again_is_not_taken_twice(owner: Visitor, begun: Replay) -> None:
    again = owner.sent_on("/deliveries/send-again/?state=rejected")
    assert "There was nothing left to send again" in again.text
    assert Replay.objects.count() == 1


def test_one_at_a_paused_destination_stays_as_it_was(owner: Visitor, offer: Offer, place: Destination) -> None:
    found = stopped(offer, "ada@example.com")
    Destination.objects.update(state="paused")
    page = owner.sent_on(f"/deliveries/{found.pk}/send-again/")
    assert "Sales endpoint is paused: resume it, then send again. It stays as it was." in page.text
    found.refresh_from_db()
    assert found.state == "rejected"


def test_what_is_under_way_is_told_with_the_deliveries(owner: Visitor, begun: Replay) -> None:
    page = owner.see("/deliveries/")
    assert "3 deliveries are being sent again." in page.text
    assert page.links()["See how far it is"] == page_of(begun)


def test_the_history_says_what_by_whom_and_what_came_of_it(
    owner: Visitor, offer: Offer, place: Destination, receiver: FakeServer
) -> None:
    since = datetime(2026, 1, 31, tzinfo=UTC)
    stopped(offer, "ada@example.com")
    wanted = DeliveryFilter(destination=place.pk, offer="contoso.crm", state="rejected", cause="http-422", since=since)
    step(begin(wanted), place)
    other = stopped(offer, "grace@example.com")
    owner.send(f"/deliveries/{other.pk}/send-again/")
    text = owner.see("/deliveries/replays/").text
    said = "Destination: Sales endpoint, Cause: http-422, State: Refused, Offer: Contoso CRM, Since: 31 Jan 2026 Done"
    assert said in text
    assert "owner-contoso One delivery Trying one" in text or "owner-contoso One delivery Sending the rest" in text


def test_an_empty_history_says_what_to_do(owner: Visitor) -> None:
    assert owner.see("/deliveries/replays/").next_things() == ["Open deliveries"]


def test_the_history_costs_the_same_however_long_it_is(owner: Visitor, offer: Offer) -> None:
    Replay.objects.create(publisher=offer.publisher, total=1, state="done")
    with CaptureQueriesContext(connection) as few:
        owner.see("/deliveries/replays/")
    for _ in range(9):
        Replay.objects.create(publisher=offer.publisher, total=1, state="done")
    with CaptureQueriesContext(connection) as many:
        owner.see("/deliveries/replays/")
    assert len(many) == len(few) <= 8


# Access


def test_viewers_look_and_stop_nothing(begun: Replay) -> None:
    viewer = Visitor(make_member("viewer"))
    assert viewer.see("/deliveries/replays/").status == 200
    shown = viewer.see(page_of(begun))
    assert (shown.status, shown.posts_to()) == (200, [])
    assert viewer.send(page_of(begun, "stop/")).status == 403
    begun.refresh_from_db()
    assert begun.state == "canary"


@pytest.mark.parametrize("role", ["owner", "developer", "marketing"])
def test_who_follows_up_may_stop_it(begun: Replay, role: str) -> None:
    assert Visitor(make_member(role)).send(page_of(begun, "stop/")).status == 302
    begun.refresh_from_db()
    assert begun.state == "stopped"


def test_another_publisher_finds_and_stops_nothing(begun: Replay) -> None:
    fabrikam = Visitor(make_member(publisher=make_publisher("fabrikam")))
    assert "Nothing was sent again yet" in fabrikam.see("/deliveries/replays/").text
    for address in (page_of(begun), page_of(begun, "progress/")):
        assert fabrikam.see(address).status == 404, address
    assert fabrikam.send(page_of(begun, "stop/")).status == 404
    begun.refresh_from_db()
    assert begun.state == "canary"


def test_who_is_not_signed_in_is_asked_to(begun: Replay) -> None:
    for address in ("/deliveries/replays/", page_of(begun), page_of(begun, "progress/")):
        assert Visitor().see(address).leads_to.startswith("/sign-in/?next="), address
    assert Visitor().send(page_of(begun, "stop/")).leads_to.startswith("/sign-in/?next=")


def test_stopping_is_pressed_and_not_followed(owner: Visitor, begun: Replay) -> None:
    assert owner.see(page_of(begun, "stop/")).status == 405
