"""What was taken and is not there any more is sent again when somebody says so, and then looked for anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from connectors.errors import Rejected
from leads import delivery, landing, replay
from leads.balance import balance
from leads.failures import groups
from leads.filters import DeliveryFilter
from leads.models import Attempt, Delivery, Destination, Lead, Offer
from leads.progress import Progress, progress
from leads.taxonomy import Action, Source
from leads.timeline import timeline, with_story
from leads.why import standing, what_next, why
from tests.factories import make_lead, make_offer, make_publisher
from tests.leads.scripted import Scripted
from tests.leads.test_landing import deliver
from tests.leads.test_replay import begin, go, stop

pytestmark = pytest.mark.django_db

Connect = Callable[..., Destination]
MISSING = DeliveryFilter(state="missing")


@pytest.fixture
def place(connect: Connect) -> Destination:
    return connect()


@pytest.fixture
def offer(place: Destination) -> Offer:
    return make_offer(routes=(place,))


def lose(*lost: Delivery) -> None:
    """Let it have been missing yesterday."""
    yesterday = timezone.now() - timedelta(days=1)
    Delivery.objects.filter(pk__in=[each.pk for each in lost]).update(landing="missing", landing_checked_at=yesterday)


def test_it_may_double_and_is_sent_again_only_where_it_is_named(place: Destination, offer: Offer) -> None:
    lose(*deliver(offer, 2))
    every = Delivery.objects.all()
    for unnamed in (DeliveryFilter(), DeliveryFilter(destination=place.pk), DeliveryFilter(state="delivered")):
        assert replay.plan(unnamed.to_send_again(every)).count == 0
    for named in (MISSING, DeliveryFilter(destination=place.pk, cause="missing")):
        planned = replay.plan(named.to_send_again(every))
        assert (planned.count, planned.may_double) == (2, 2)


def test_what_is_there_is_not_sent_with_it(place: Destination, offer: Offer, scripted: type[Scripted]) -> None:
    gone, there, merged = deliver(offer, 3)
    lose(gone)
    Delivery.objects.filter(pk=there.pk).update(landing="landed")
    Delivery.objects.filter(pk=merged.pk).update(landing="merged")
    scripted.sent.clear()
    done = go(begin(MISSING.to_send_again(Delivery.objects.all())), place)
    assert [lead.id for lead in scripted.sent] == [str(gone.lead_id)]
    assert (done.total, done.may_double, done.landed) == (1, 1, 1)


def test_one_is_sent_first_and_the_others_when_it_has_landed(
    place: Destination, offer: Offer, scripted: type[Scripted]
) -> None:
    lose(*deliver(offer, 3))
    begun = begin(MISSING.apply(Delivery.objects.all()))
    assert progress(begun) == Progress(total=3, landed=0, failed=0, on_its_way=1, parked=2, kept=0)
    done = go(begun, place)
    assert (done.state, done.landed, len(scripted.sent)) == ("done", 3, 6)
    assert set(Delivery.objects.values_list("state", "landing")) == {("delivered", "")}
    assert Attempt.objects.count() == 6


def test_if_it_fails_again_the_others_stay_missing(place: Destination, offer: Offer, scripted: type[Scripted]) -> None:
    lose(*deliver(offer, 3))
    scripted.answer = staticmethod(lambda _: Rejected("No phone.", cause="http-422"))
    done = go(begin(MISSING.apply(Delivery.objects.all())), place)
    assert (done.state, done.failed, done.kept) == ("stopped", 1, 2)
    assert sorted(Delivery.objects.values_list("state", "landing")) == [
        ("delivered", "missing"),
        ("delivered", "missing"),
        ("rejected", ""),
    ]


def test_the_books_balance_at_every_step(place: Destination, offer: Offer) -> None:
    lose(*deliver(offer, 2))
    before = balance(place.publisher_id)
    begun = begin(MISSING.apply(Delivery.objects.all()))
    under_way = balance(place.publisher_id)
    go(begun, place)
    after = balance(place.publisher_id)
    assert (before.delivered, under_way.delivered, under_way.waiting, after.delivered) == (2, 1, 1, 2)
    assert before.adds_up
    assert under_way.adds_up
    assert after.adds_up


def test_it_is_looked_for_anew_before_any_other_however_old(
    place: Destination, offer: Offer, scripted: type[Scripted], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landing, "MOST", 2)
    *_, oldest = deliver(offer, 5)
    lose(oldest)
    go(begin(MISSING.apply(Delivery.objects.all())), place)
    assert landing.read_back(place.pk) == 2
    oldest.refresh_from_db()
    assert oldest.landing == "landed"
    assert scripted.asked[0].remote_id == oldest.remote_id


def test_it_says_that_it_is_missing_what_would_change_that_and_afterwards_that_it_was(
    place: Destination, offer: Offer
) -> None:
    [gone] = deliver(offer)
    lose(gone)
    gone = Delivery.objects.select_related("destination").get()
    assert standing(gone) == "missing"
    assert "If nobody deleted it there on purpose, “Send again” sends it" in what_next(gone)
    go(begin(MISSING.apply(Delivery.objects.all())), place)
    lead = with_story(Lead.objects.all()).get()
    [again] = lead.deliveries.all()
    assert why(again) == "Delivered to Sales endpoint."
    told = {moment.what: moment.note for moment in timeline(lead, [again])}
    assert told["Looked for in Sales endpoint"] == (
        "We looked for it there, and it was not there any more. It was sent again since."
    )


def test_one_that_waits_for_its_turn_says_so(place: Destination, offer: Offer) -> None:
    lose(*deliver(offer, 2))
    begin(MISSING.apply(Delivery.objects.all()))
    parked = Delivery.objects.select_related("destination", "replay").get(state="delivered")
    assert what_next(parked) == "It is being sent again: its turn comes when one has landed at Sales endpoint."


def test_they_are_a_failure_group_of_their_own_for_a_while(place: Destination, offer: Offer) -> None:
    sent = deliver(offer, 3)
    lose(*sent[:2])
    stop(place, "rejected")
    missing, refused = groups(make_publisher().pk)
    assert (missing.cause, missing.state, missing.count, missing.may_double) == ("missing", "missing", 2, 2)
    assert (missing.who, missing.offers, missing.open) == ("publisher", [offer], 0)
    assert missing.sentence == "Taken, and not there any more when we looked."
    assert missing.change is None
    assert refused.cause == "http-422"
    listed = DeliveryFilter(destination=place.pk, cause=missing.cause).apply(Delivery.objects.all())
    assert set(listed) == set(sent[:2])
    assert len(groups(None)) == 2
    Delivery.objects.update(landing_checked_at=timezone.now() - timedelta(days=15))
    assert [group.cause for group in groups(None)] == ["http-422"]
    assert not DeliveryFilter(cause="missing").apply(Delivery.objects.all()).exists()


def test_who_agreed_no_more_is_told_to_the_target(place: Destination, offer: Offer, scripted: type[Scripted]) -> None:
    [gone] = deliver(offer)
    lose(gone)
    make_lead(offer, gone.lead.email, source=Source.APPSOURCE, action=Action.DO_NOT_CONTACT)
    delivery.drain(place.pk)
    scripted.sent.clear()
    go(begin(MISSING.apply(Delivery.objects.all())), place)
    assert [lead.do_not_contact for lead in scripted.sent] == [True]
