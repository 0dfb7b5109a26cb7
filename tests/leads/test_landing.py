from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from connectors.base import Landing, Receipt
from connectors.errors import Misconfigured, Unavailable
from leads import delivery, destinations, landing, tasks, wake
from leads.filters import DeliveryFilter
from leads.models import Delivery, Destination, Lead, Offer
from leads.needs import needs
from leads.proof import proof
from leads.timeline import timeline
from tests.factories import make_lead, make_offer
from tests.leads.scripted import Scripted

pytestmark = pytest.mark.django_db

Connect = Callable[..., Destination]


@pytest.fixture
def place(connect: Connect) -> Destination:
    return connect()


@pytest.fixture
def offer(place: Destination) -> Offer:
    return make_offer(routes=(place,))


def deliver(offer: Offer, count: int = 1) -> list[Delivery]:
    """Deliver this many leads; return them, newest first."""
    for number in range(count):
        make_lead(offer, f"{number}@example.com")
    for place in offer.destinations.all():
        delivery.drain(place.pk)
    return list(Delivery.objects.filter(state="delivered").order_by("-pk"))


def age(days: float, **changed: Any) -> None:
    before = timezone.now() - timedelta(days=days)
    Delivery.objects.update(**dict.fromkeys(("finished_at", "landing_checked_at"), before) | changed)


def shows(scripted: type[Scripted], *landings: Landing | Exception) -> None:
    """Let the target answer in this order."""
    answers: Iterator[Landing | Exception] = iter(landings)

    def show(receipt: Receipt) -> Landing:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    scripted.shows = staticmethod(show)


def test_what_is_found_is_written_down(scripted: type[Scripted], place: Destination, offer: Offer) -> None:
    sent = deliver(offer, 4)
    shows(scripted, "landed", "merged", "missing", "unprovable")
    assert landing.read_back(place.pk) == 4
    found = [Delivery.objects.get(pk=each.pk) for each in sent]
    assert [each.landing for each in found] == ["landed", "merged", "missing", "unprovable"]
    assert all(each.landing_checked_at and each.state == "delivered" for each in found)
    assert landing.found([place]) == {place.pk: {"landed": 1, "merged": 1, "missing": 1, "unprovable": 1}}


def test_the_target_is_asked_with_what_it_had_answered(
    scripted: type[Scripted], place: Destination, offer: Offer
) -> None:
    [sent] = deliver(offer)
    landing.read_back(place.pk)
    assert scripted.asked == [Receipt(status=200, answer="thank you", remote_id=sent.remote_id)]


def test_the_newest_are_looked_for_and_no_more_than_a_few(
    scripted: type[Scripted], place: Destination, offer: Offer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landing, "MOST", 3)
    sent = deliver(offer, 5)
    assert landing.read_back(place.pk) == 3
    assert [receipt.remote_id for receipt in scripted.asked] == [each.remote_id for each in sent[:3]]
    assert landing.read_back(place.pk) == 2
    assert landing.read_back(place.pk) == 0


def test_what_was_found_is_believed_for_a_week(place: Destination, offer: Offer) -> None:
    deliver(offer)
    assert landing.read_back(place.pk) == 1
    age(6.9)
    assert landing.read_back(place.pk) == 0
    age(7.1)
    assert landing.read_back(place.pk) == 1


@pytest.mark.parametrize("changed", [{"finished_at": "2026-01-01T00:00Z"}, {"state": "rejected"}])
def test_what_is_old_or_did_not_land_is_not_looked_for(
    scripted: type[Scripted], place: Destination, offer: Offer, changed: dict[str, str]
) -> None:
    deliver(offer)
    Delivery.objects.update(**changed)
    assert landing.read_back(place.pk) == 0
    assert scripted.asked == []


def test_tests_and_previews_are_not_looked_for_as_people_delete_them(place: Destination, offer: Offer) -> None:
    destinations.send_test_lead(place)
    make_lead(make_offer("soon", status="preview", routes=(place,)))
    deliver(offer, 0)
    assert landing.read_back(place.pk) == 0


@pytest.mark.parametrize(
    "error",
    [
        Unavailable("It is away.", cause="http-503"),
        Misconfigured("It refused the sign-in.", cause="sign-in"),
        ZeroDivisionError("ada@example.com"),
    ],
)
def test_a_target_that_cannot_be_asked_harms_no_lead(
    scripted: type[Scripted], place: Destination, offer: Offer, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    sent = deliver(offer, 3)
    shows(scripted, "landed", error)
    assert landing.read_back(place.pk) == 1
    assert len(scripted.asked) == 2
    assert [Delivery.objects.get(pk=each.pk).landing for each in sent] == ["landed", "", ""]
    place.refresh_from_db()
    assert place.state == "active"
    assert "ada@" not in caplog.text
    assert ("crashed with ZeroDivisionError" in caplog.text) == isinstance(error, ZeroDivisionError)


def test_settings_that_cannot_be_read_ask_nothing(scripted: type[Scripted], place: Destination, offer: Offer) -> None:
    deliver(offer)
    Destination.objects.update(sealed_config=b"nonsense")
    assert landing.read_back(place.pk) == 0
    assert scripted.asked == []


def test_a_lead_that_was_sent_again_meanwhile_keeps_no_old_finding(place: Destination, offer: Offer) -> None:
    [sent] = deliver(offer)
    Delivery.objects.update(claims=2)
    landing.keep(sent, "landed", timezone.now())
    assert Delivery.objects.get().landing == ""


def test_every_night_each_destination_that_is_well_is_asked(
    place: Destination, offer: Offer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, int]] = []
    monkeypatch.setattr(wake, "publish", lambda task, destination_id: asked.append((task, destination_id)))
    Destination.objects.filter(pk=connect("Held").pk).update(state="held", problem="Refused.")
    tasks.ask_for_landings()
    assert asked == [("leads.read_back", place.pk)]


def test_a_task_reads_one_destination_back(place: Destination, offer: Offer) -> None:
    deliver(offer)
    tasks.read_back(destination_id=place.pk)
    assert Delivery.objects.get().landing == "landed"


@pytest.mark.parametrize(
    ("shown", "sentence"),
    [
        ("landed", "We looked for it there, and it is there."),
        ("merged", "We looked for it there: it was merged into another record."),
        ("missing", "We looked for it there, and it is not there any more. Was it deleted on purpose?"),
        ("unprovable", "Sales endpoint cannot be asked what became of it, so its answer is all the proof there is."),
    ],
)
def test_it_is_said_how_sure_a_landing_is(
    scripted: type[Scripted], place: Destination, offer: Offer, shown: Landing, sentence: str
) -> None:
    [sent] = deliver(offer)
    assert proof(sent) == "Not looked for there yet; every night some of the newest are."
    shows(scripted, shown)
    landing.read_back(place.pk)
    found = Delivery.objects.select_related("destination").get()
    assert proof(found) == sentence
    assert timeline(Lead.objects.get(), [found])[-1].what == "Looked for in Sales endpoint"


def test_a_kind_of_target_that_cannot_be_asked_says_so_before_it_is(offer: Offer) -> None:
    [sent] = deliver(offer)
    sent.destination.connector = "https_endpoint"
    assert proof(sent).endswith("its answer is all the proof there is.")


def test_the_missing_ones_are_a_list_and_need_somebody_for_a_while(
    scripted: type[Scripted], place: Destination, offer: Offer
) -> None:
    sent = deliver(offer, 2)
    shows(scripted, "missing", "landed")
    landing.read_back(place.pk)
    assert list(DeliveryFilter(state="missing").apply(Delivery.objects.all())) == [sent[0]]
    [need] = needs(place.publisher_id)
    assert (need.destination, need.state, need.count) == (place, "missing", 1)
    age(15)
    assert needs(place.publisher_id) == []
