from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from connectors.base import LeadPayload, Receipt
from connectors.errors import Misconfigured
from leads import delivery, publishing, steps, wake
from leads.models import Delivery, Destination, Lead, Offer, Publication, Route
from leads.publishing import WrongStatus
from tests.factories import make_destination, make_member, make_offer
from tests.leads.scripted import Scripted

pytestmark = pytest.mark.django_db

Connect = Callable[..., Destination]


def publish(offer: Offer) -> Publication:
    publication = publishing.publish(offer)
    publishing.advance(publication.pk)
    publication.refresh_from_db()
    offer.refresh_from_db()
    return publication


def taken(publication: Publication) -> list[tuple[str, str]]:
    return list(publication.steps.values_list("kind", "state"))


class TestPublish:
    def test_checks_every_destination_sends_each_a_test_lead_and_ends_in_preview(
        self, connect: Connect, scripted: type[Scripted]
    ) -> None:
        offer = make_offer(status=Offer.Status.DRAFT, routes=(connect("One"), connect("Two")))
        publication = publish(offer)
        assert taken(publication) == [("check", "passed"), ("test_lead", "passed")] * 2 + [("preview", "passed")]
        assert offer.status == Offer.Status.PREVIEW
        assert publication.finished_at is not None
        assert [lead.is_test for lead in scripted.sent] == [True, True]
        assert scripted.sent[0].first_name.startswith("MSFT_TEST_")
        assert Lead.objects.filter(kind="test", customer=None).count() == 2

    def test_without_a_destination_is_possible(self) -> None:
        offer = make_offer(status=Offer.Status.DRAFT)
        assert taken(publish(offer)) == [("preview", "passed")]
        assert offer.status == Offer.Status.PREVIEW

    def test_stops_at_a_check_that_fails_and_says_what_to_do(
        self, connect: Connect, scripted: type[Scripted], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(scripted, "sign_in", False)
        offer = make_offer(status=Offer.Status.DRAFT, routes=(connect(),))
        publication = publish(offer)
        assert taken(publication) == [("check", "failed"), ("test_lead", "pending"), ("preview", "pending")]
        failed = publication.steps.get(state="failed")
        assert (failed.sentence, failed.fix) == ("Sign-in: The password was refused.", "Enter it again.")
        assert offer.status == Offer.Status.DRAFT
        assert not scripted.sent

    def test_stops_when_the_test_lead_is_not_taken(
        self, connect: Connect, scripted: type[Scripted], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        refused = Misconfigured("May not create leads.", cause="privilege", fix="Give the role.")
        monkeypatch.setattr(scripted, "answer", staticmethod(lambda lead: refused))
        publication = publish(make_offer(status=Offer.Status.DRAFT, routes=(connect(),)))
        failed = publication.steps.get(state="failed")
        assert (failed.kind, failed.sentence, failed.fix) == ("test_lead", "May not create leads.", "Give the role.")

    def test_again_keeps_a_live_offer_live_even_when_it_fails(
        self, connect: Connect, scripted: type[Scripted], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(scripted, "sign_in", False)
        offer = make_offer(status=Offer.Status.LIVE, routes=(connect(),))
        publish(offer)
        assert offer.status == Offer.Status.LIVE

    def test_twice_at_once_is_one_publication(self, connect: Connect) -> None:
        offer = make_offer(status=Offer.Status.DRAFT, routes=(connect(),))
        by = make_member()
        assert publishing.publish(offer, by) == publishing.publish(offer, by)

    def test_goes_on_where_a_dead_worker_left_it_without_a_second_test_lead(
        self, connect: Connect, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        offer = make_offer(status=Offer.Status.DRAFT, routes=(connect(),))
        publication = publishing.publish(offer)

        def die(destination_id: int) -> int:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(delivery, "drain", die)
            with pytest.raises(KeyboardInterrupt):
                publishing.advance(publication.pk)
        publishing.advance(publication.pk)
        assert not publication.steps.filter(kind="preview", state="passed").exists(), "somebody may still be at it"
        Publication.objects.update(advance_after=timezone.now() - timedelta(seconds=1))
        publishing.advance(publication.pk)
        assert set(publication.steps.values_list("state", flat=True)) == {"passed"}
        assert Delivery.objects.count() == 1

    def test_is_woken_by_the_sweep_when_the_call_was_lost(self, monkeypatch: pytest.MonkeyPatch) -> None:
        publication = publishing.publish(make_offer(status=Offer.Status.DRAFT))
        called: list[int] = []
        monkeypatch.setattr(wake, "publish", lambda task, publication_id: called.append(publication_id))
        publishing.wake_unfinished(timezone.now())
        assert called == [publication.pk]

    def test_waits_for_a_test_lead_that_another_drain_has_in_hand_but_not_for_ever(
        self, connect: Connect, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(steps, "SETTLE", 0.0)
        destination = connect()
        offer = make_offer(status=Offer.Status.DRAFT, routes=(destination,))
        Destination.objects.update(drain_until=timezone.now() + timedelta(hours=1))
        publication = publish(offer)
        assert ("test_lead", "running") in taken(publication)
        assert publication.finished_at is None
        monkeypatch.setattr(steps, "PATIENCE", timedelta(0))
        publishing.advance(publication.pk)
        assert ("test_lead", "failed") in taken(publication)


class TestGoLive:
    def test_opens_an_offer_in_preview(self) -> None:
        offer = make_offer(status=Offer.Status.PREVIEW)
        publishing.go_live(offer)
        publishing.go_live(offer)
        assert Offer.objects.get().status == Offer.Status.LIVE

    def test_refuses_a_draft_with_a_sentence(self) -> None:
        with pytest.raises(WrongStatus, match="Publish the offer first"):
            publishing.go_live(make_offer(status=Offer.Status.DRAFT))


class TestUnpublish:
    def test_is_always_possible_and_ends_what_was_running(self, connect: Connect) -> None:
        offer = make_offer(status=Offer.Status.DRAFT, routes=(connect(),))
        publication = publishing.publish(offer)
        publishing.unpublish(offer)
        publishing.advance(publication.pk)
        offer.refresh_from_db()
        assert offer.status == Offer.Status.DRAFT
        assert taken(publication)[0] == ("check", "pending")


def test_a_destination_of_another_kind_takes_no_part() -> None:
    offer = make_offer(status=Offer.Status.DRAFT)
    make_destination()
    assert not Route.objects.exists()
    assert publish(offer).steps.count() == 1


def test_a_test_lead_is_delivered_like_any_other(connect: Connect, scripted: type[Scripted]) -> None:
    seen: list[LeadPayload] = []
    scripted.answer = staticmethod(lambda lead: seen.append(lead) or Receipt())  # type: ignore[func-returns-value]
    publish(make_offer(status=Offer.Status.DRAFT, routes=(connect(),)))
    assert Delivery.objects.get().tries.get().outcome == "created"
    assert seen[0].offer_id == "contoso.crm"
