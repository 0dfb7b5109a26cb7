from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from leads import keys
from leads.balance import balance
from leads.models import Delivery, Destination, Offer
from leads.why import why
from tests.factories import make_lead, make_offer, make_publisher

pytestmark = pytest.mark.django_db

Connect = Callable[..., Destination]
STATES = ["waiting", "sending", "delivered", "rejected", "uncertain", "gave_up", "withheld"]


def one_in_each_state(destination: Destination) -> None:
    offer = make_offer(routes=(destination,))
    now = timezone.now()
    for state in STATES:
        made = make_lead(offer, f"{state}@example.com")
        Delivery.objects.filter(lead=made.lead_id).update(
            state=state,
            finished_at=None if state in ("waiting", "sending") else now,
            claimed_until=now if state == "sending" else None,
        )


class TestTheBalance:
    def test_counts_every_live_lead_once_and_adds_up(self, connect: Connect) -> None:
        one_in_each_state(connect())
        make_lead(make_offer("kept"))
        books = balance(make_publisher().pk)
        assert (books.received, books.waiting, books.kept, books.delivered, books.gave_up) == (8, 2, 1, 1, 1)
        assert books.adds_up

    def test_calls_what_waits_at_a_held_destination_held(self, connect: Connect) -> None:
        one_in_each_state(connect())
        Destination.objects.update(state="held", problem="Refused.")
        books = balance(make_publisher().pk)
        assert (books.held, books.waiting, books.adds_up) == (2, 0, True)

    def test_counts_a_lead_of_two_deliveries_where_it_needs_somebody(self, connect: Connect) -> None:
        make_lead(make_offer(routes=(connect("One"), connect("Two"))))
        Delivery.objects.filter(destination__name="One").update(state="delivered", finished_at=timezone.now())
        Delivery.objects.filter(destination__name="Two").update(state="rejected", finished_at=timezone.now())
        books = balance(make_publisher().pk)
        assert (books.received, books.rejected, books.delivered) == (1, 1, 0)

    def test_leaves_out_tests_previews_other_publishers_and_what_is_older(self, connect: Connect) -> None:
        make_lead(make_offer("preview", status=Offer.Status.PREVIEW))
        make_lead(make_offer("other", publisher=make_publisher("fabrikam")))
        make_lead(make_offer("live"))
        assert balance(make_publisher().pk).received == 1
        assert balance(make_publisher().pk, timezone.now() + timedelta(seconds=1)).received == 0


class TestWhy:
    def sentences(self) -> list[str]:
        return [why(delivery) for delivery in Delivery.objects.select_related("destination").order_by("pk")]

    def test_every_state_has_its_sentence(self, connect: Connect) -> None:
        one_in_each_state(connect())
        sentences = self.sentences()
        assert len(set(sentences)) == len(STATES)
        assert all("Sales endpoint" in sentence for sentence in sentences if "Given up" not in sentence)

    def test_what_waits_says_what_for(self, connect: Connect) -> None:
        make_lead(make_offer(routes=(connect(),)))
        assert self.sentences() == ["In line for Sales endpoint."]
        Delivery.objects.update(attempts=1, sentence="It was away.")
        assert self.sentences()[0].startswith("Next try at ")
        for state, words in (("held", "is held. Refused."), ("paused", "is paused."), ("resting", "rests until")):
            Destination.objects.update(state=state, problem="Refused.", resume_at=timezone.now())
            assert words in self.sentences()[0]


class TestKeys:
    def test_are_found_by_their_text_until_they_are_revoked(self) -> None:
        key, token = keys.issue("CRM sync", make_publisher())
        assert keys.find(token) == key
        keys.revoke(key)
        assert keys.find(token) is None

    def test_are_stored_as_a_digest_only(self) -> None:
        key, token = keys.issue("market")
        assert token.startswith("intake_")
        assert token not in {str(value) for value in vars(key).values()}

    @pytest.mark.parametrize("text", ["", "intake_wrong", "\ud800", "x" * 100_000])
    def test_of_any_other_text_are_not_found(self, text: str) -> None:
        assert keys.find(text) is None
