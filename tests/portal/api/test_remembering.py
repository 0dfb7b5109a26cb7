"""The way in remembers keys and offers. What changed meanwhile must count all the same."""

from __future__ import annotations

import json
from functools import partial

import pytest
from pytest_django import DjangoAssertNumQueries

from leads import intake, keys, known
from leads.intake import Contact
from leads.models import Delivery, Lead, Offer
from leads.taxonomy import Action, Source
from tests.factories import make_destination, make_offer
from tests.portal.api.conftest import Answer, Caller, lead, refusal

pytestmark = pytest.mark.django_db


def post_batch(caller: Caller, number: int = 3) -> Answer:
    body = "\n".join(json.dumps(lead()) for _ in range(number))
    return caller.send("post", "leads/batch", body, "application/x-ndjson")


def test_a_lead_takes_one_statement_in_a_savepoint_once_its_key_and_offer_are_known(
    marketplace: Caller, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_offer(routes=(make_destination(),))
    marketplace.post("leads", lead())
    with django_assert_num_queries(3):
        marketplace.post("leads", lead(), {"Idempotency-Key": "order-1"})


def test_a_key_that_is_revoked_sends_no_more_leads_from_that_moment() -> None:
    make_offer()
    key, token = keys.issue("marketplace")
    caller = Caller(token)
    assert caller.post("leads", lead()).status_code == 202
    keys.revoke(key)
    assert refusal(caller.post("leads", lead()))[:2] == (401, ["Authorization"])
    assert refusal(post_batch(caller)).status == 401
    assert Lead.objects.count() == 1


def test_an_offer_that_went_live_meanwhile_takes_live_leads(marketplace: Caller) -> None:
    offer = make_offer(status=Offer.Status.PREVIEW)
    marketplace.post("leads", lead())
    Offer.objects.filter(pk=offer.pk).update(status=Offer.Status.LIVE)
    marketplace.post("leads", lead())
    post_batch(marketplace)
    assert sorted(Lead.objects.values_list("kind", flat=True)) == ["live"] * 4 + ["preview"]


def test_an_offer_that_is_removed_takes_none(marketplace: Caller) -> None:
    offer = make_offer()
    known.offers(["contoso.crm"])
    offer.delete()
    assert refusal(marketplace.post("leads", lead())).fields == ["OfferId"]
    assert post_batch(marketplace).content.count(b'"Status":422') == 3


def test_an_offer_that_was_made_anew_takes_all_of_a_batch_once(marketplace: Caller) -> None:
    offer = make_offer()
    known.offers(["contoso.crm"])
    offer.delete()
    make_offer(routes=(make_destination(),))
    assert post_batch(marketplace).content.count(b'"Status":202') == 3
    assert Delivery.objects.count() == Lead.objects.count() == 3


def test_a_batch_stores_nothing_where_one_of_its_offers_is_no_more() -> None:
    kept, removed = make_offer(), make_offer("backup")
    Offer.objects.filter(pk=removed.pk).delete()
    install = partial(intake.Event, source=Source.AZURE_MARKETPLACE, action=Action.INSTALL)
    with pytest.raises(known.Outdated):
        intake.receive_many(
            [install(offer=offer, contact=Contact(email="ada@example.com")) for offer in (kept, removed)]
        )
    assert not Lead.objects.exists()


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "MOST", 2)
    offers = [make_offer(f"offer-{number}").full_id for number in range(5)]
    for full_id in offers * 2:
        assert known.offers([full_id])[full_id].full_id == full_id


def test_what_is_remembered_is_looked_up_again_after_a_while(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_offer()
    with django_assert_num_queries(1):
        known.offers(["contoso.crm"])
        known.offers(["contoso.crm"])
    monkeypatch.setattr(known, "KEPT", -1.0)
    known.forget()
    with django_assert_num_queries(2):
        known.offers(["contoso.crm"])
        known.offers(["contoso.crm"])
