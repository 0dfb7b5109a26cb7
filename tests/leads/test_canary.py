from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from connectors.base import Landing, Receipt
from connectors.errors import Rejected, Unavailable
from leads import balance, canary, delivery, funnel, tasks
from leads.models import Customer, Delivery, Destination, Lead
from leads.needs import needs
from tests.factories import make_lead, make_offer
from tests.leads.scripted import Scripted

pytestmark = pytest.mark.django_db

Connect = Callable[..., Destination]


@pytest.fixture
def place(connect: Connect) -> Destination:
    place = connect()
    canary.switch(place, on=True)
    return place


def proved(place: Destination) -> bool:
    place.refresh_from_db()
    return place.proved_at is not None


def show(scripted: type[Scripted], landing: Landing) -> None:
    def shown(receipt: Receipt) -> Landing:
        return landing

    scripted.shows = staticmethod(shown)


def round_(place: Destination) -> None:
    """Look, deliver what is due, look again."""
    canary.look()
    delivery.drain(place.pk)
    canary.look()


def test_a_canary_takes_the_way_of_a_real_lead_is_looked_for_and_removed(
    scripted: type[Scripted], place: Destination
) -> None:
    tasks.prove()
    assert not proved(place)
    delivery.drain(place.pk)
    tasks.prove()
    sent = Delivery.objects.get()
    assert (sent.state, sent.landing, sent.lead.kind) == ("delivered", "landed", "test")
    assert sent.lead.first_name.startswith("MSFT_TEST_")
    [asked], [removed] = scripted.asked, scripted.removed
    assert asked == removed == Receipt(status=200, answer="thank you", remote_id=sent.remote_id)
    place.refresh_from_db()
    assert place.proved_at == sent.finished_at


def test_there_is_one_a_day_however_often_somebody_looks(scripted: type[Scripted], place: Destination) -> None:
    for _ in range(3):
        round_(place)
    assert Lead.objects.count() == len(scripted.sent) == len(scripted.asked) == len(scripted.removed) == 1


def test_the_next_day_has_its_own(place: Destination, monkeypatch: pytest.MonkeyPatch) -> None:
    round_(place)
    tomorrow = timezone.now() + timedelta(days=1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: tomorrow)
    round_(place)
    assert Lead.objects.count() == 2
    place.refresh_from_db()
    assert place.proved_at == tomorrow


def test_only_who_asked_for_it_gets_one(connect: Connect, place: Destination) -> None:
    connect("Other")
    canary.look()
    assert Delivery.objects.get().destination == place
    canary.switch(place, on=False)
    Lead.objects.all().delete()
    canary.look()
    assert not Lead.objects.exists()


@pytest.mark.parametrize("state", ["held", "paused"])
def test_a_destination_that_stands_still_gets_none(place: Destination, state: str) -> None:
    Destination.objects.update(state=state, problem="Refused.")
    canary.look()
    assert not Lead.objects.exists()


def test_it_is_invisible_in_every_count(place: Destination) -> None:
    offer = make_offer(routes=(place,))
    make_lead(offer)
    before = balance.balance(place.publisher_id), funnel.funnels([offer.pk]), Customer.objects.count()
    canary.look()
    assert Lead.objects.count() == 2
    assert (balance.balance(place.publisher_id), funnel.funnels([offer.pk]), Customer.objects.count()) == before


def test_one_that_is_refused_proves_nothing_and_needs_somebody(scripted: type[Scripted], place: Destination) -> None:
    scripted.answer = staticmethod(lambda lead: Rejected("No country.", cause="http-422"))
    round_(place)
    assert not proved(place)
    [need] = needs(place.publisher_id)
    assert (need.state, need.sentence, need.count) == ("rejected", "No country.", 1)


def test_one_that_is_gone_proves_nothing_and_needs_somebody(scripted: type[Scripted], place: Destination) -> None:
    show(scripted, "missing")
    round_(place)
    assert not proved(place)
    assert scripted.removed == []
    [need] = needs(place.publisher_id)
    assert (need.state, need.count) == ("missing", 1)


def test_a_target_that_cannot_be_read_back_is_proved_by_its_answer(
    scripted: type[Scripted], place: Destination
) -> None:
    show(scripted, "unprovable")
    round_(place)
    assert proved(place)


def test_a_target_that_is_away_when_asked_is_asked_again(scripted: type[Scripted], place: Destination) -> None:
    def away(receipt: Receipt) -> Landing:
        raise Unavailable("It is away.", cause="http-503")

    scripted.shows = staticmethod(away)
    round_(place)
    assert not proved(place)
    assert Delivery.objects.get().landing == ""
    show(scripted, "landed")
    canary.look()
    assert proved(place)


def test_an_older_proof_does_not_replace_a_newer_one(place: Destination) -> None:
    later = timezone.now() + timedelta(hours=1)
    Destination.objects.update(proved_at=later)
    round_(place)
    place.refresh_from_db()
    assert place.proved_at == later
