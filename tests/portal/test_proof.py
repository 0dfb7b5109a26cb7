from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from connectors.base import Landing, Receipt
from connectors.fakes import FakeServer
from connectors.https_endpoint.connector import HttpsEndpoint
from leads import canary, delivery, landing
from leads.models import Attempt, Delivery, Destination
from tests.factories import make_destination, make_lead, make_member, make_offer
from tests.portal.receiver import receiver as receiver
from tests.portal.visitor import Visitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> Visitor:
    return Visitor(make_member())


@pytest.fixture
def place(receiver: FakeServer) -> Destination:
    """Connect an endpoint that takes three leads."""
    place = make_destination()
    offer = make_offer(routes=(place,))
    for number in range(3):
        make_lead(offer, f"{number}@example.com")
    delivery.drain(place.pk)
    return place


@pytest.fixture
def askable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the endpoint be one that can be asked: it has one lead, merged one, and lost one."""
    found: list[Landing] = ["landed", "merged", "missing"]

    def read_back(self: HttpsEndpoint, receipt: Receipt) -> Landing:
        return found.pop()

    monkeypatch.setattr(HttpsEndpoint, "read_back", read_back)


def page_of(place: Destination) -> str:
    return f"/destinations/{place.pk}/"


def test_an_endpoint_cannot_be_asked_and_the_pages_say_so(owner: Visitor, place: Destination) -> None:
    said = "Sales endpoint cannot be asked what became of a lead. Its answer to us is all the proof there is."
    assert said in owner.see(page_of(place)).text
    assert "by its answer only" in owner.see("/destinations/").text
    assert landing.read_back(place.pk) == 3
    found = Delivery.objects.first()
    assert found is not None
    assert found.landing == "unprovable"
    text = owner.see(f"/deliveries/{found.pk}/").text
    assert "Sales endpoint cannot be asked what became of it, so its answer is all the proof there is." in text


@pytest.mark.usefixtures("askable")
def test_what_was_found_stands_on_every_page_it_concerns(owner: Visitor, place: Destination) -> None:
    assert (
        "Every night some of the newest leads are looked for where they were taken." in owner.see(page_of(place)).text
    )
    landing.read_back(place.pk)
    page = owner.see(page_of(place))
    assert (
        "Of 3 leads that we looked for there, 2 are there (1 merged into other records), and 1 is missing." in page.text
    )
    assert "2 of 3 looked for are there" in owner.see("/destinations/").text
    missing = Delivery.objects.get(landing="missing")
    assert page.links()["1 is missing"] == f"/deliveries/?destination={place.pk}&state=missing"
    listed = owner.see(page.links()["1 is missing"])
    assert listed.html.count('<td class="person">') == 1
    assert "Missing Delivered to Sales endpoint, and not there any more when we looked." in listed.text
    assert (
        "it is not there any more. Was it deleted on purpose? Looked today"
        in owner.see(f"/deliveries/{missing.pk}/").text
    )
    assert "Looked for in Sales endpoint" in owner.see(f"/leads/{missing.lead_id}/").text


@pytest.mark.usefixtures("askable")
def test_a_missing_lead_needs_somebody(owner: Visitor, place: Destination) -> None:
    landing.read_back(place.pk)
    page = owner.see("/")
    assert "Missing 1 lead is gone from Sales endpoint." in page.text
    assert "If somebody deleted it there on purpose, nothing is to be done." in page.text
    assert page.links()["See it"] == f"/deliveries/?destination={place.pk}&cause=missing"


def test_a_daily_test_is_switched_on_and_off(owner: Visitor, place: Destination) -> None:
    page = owner.sent_on(page_of(place) + "prove-daily/", on="yes")
    assert "Sales endpoint gets a test lead every day, the first within minutes." in page.text
    assert "None has arrived yet." in page.text
    assert "not proved yet" in owner.see("/destinations/").text
    canary.look()
    delivery.drain(place.pk)
    canary.look()
    assert "last proved just now" in owner.see(page_of(place)).text
    Destination.objects.update(proved_at=timezone.now() - timedelta(hours=3))
    assert "last proved 3 h ago" in owner.see(page_of(place)).text
    assert "proved 3 h ago" in owner.see("/destinations/").text
    page = owner.sent_on(page_of(place) + "prove-daily/")
    assert "Sales endpoint gets no daily test lead any more." in page.text
    place.refresh_from_db()
    assert not place.canary


def test_an_answer_that_was_dropped_is_said_to_be(owner: Visitor, place: Destination) -> None:
    tried = Attempt.objects.first()
    assert tried is not None
    address = f"/deliveries/{tried.delivery_id}/"
    Attempt.objects.update(answer="")
    assert "The answer had no text." in owner.see(address).text
    Attempt.objects.update(started_at=timezone.now() - timedelta(days=31))
    assert "The text of the answer is not kept this long." in owner.see(address).text
