from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError

from connectors.fakes import FakeServer
from leads import publishing
from leads.models import Offer
from tests.factories import make_destination, make_offer, make_publisher
from tests.portal.api.conftest import Caller, refusal

pytestmark = pytest.mark.django_db

CRM = {"offer_id": "crm", "title": "Contoso CRM", "storefronts": ["azure_marketplace", "appsource"]}


def test_an_offer_is_registered_as_a_draft(contoso: Caller) -> None:
    one, two = make_destination("One"), make_destination("Two")
    response = contoso.post("offers", CRM | {"summary": "Sells.", "destinations": [two.pk, one.pk]})
    shown = contoso.get("offers/contoso.crm").json()
    assert response.status_code == 201
    assert response.json() == shown
    assert shown.pop("created_at")
    assert shown == CRM | {
        "full_id": "contoso.crm",
        "summary": "Sells.",
        "status": "draft",
        "destinations": [one.pk, two.pk],
    }


def test_an_offer_needs_no_destination(contoso: Caller) -> None:
    assert contoso.post("offers", CRM).json()["destinations"] == []


def test_a_storefront_named_twice_counts_once(contoso: Caller) -> None:
    assert contoso.post("offers", CRM | {"storefronts": ["appsource"] * 2}).json()["storefronts"] == ["appsource"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"offer_id": "No Good"}, "offer_id"),
        ({"offer_id": "ab"}, "offer_id"),
        ({"offer_id": "x" * 51}, "offer_id"),
        ({"offer_id": 7}, "offer_id"),
        ({"title": " "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": None}, "title"),
        ({"summary": "x" * 501}, "summary"),
        ({"storefronts": []}, "storefronts"),
        ({"storefronts": "appsource"}, "storefronts"),
        ({"storefronts": ["shop"]}, "storefronts[0]"),
        ({"destinations": [0]}, "destinations[0]"),
        ({"destinations": ["1"]}, "destinations[0]"),
        ({"destinations": [True]}, "destinations[0]"),
        ({"destinations": [2**63]}, "destinations[0]"),
        ({"destinations": [4711]}, "destinations[0]"),
        ({"status": "live"}, "status"),
        ({"publisher": "fabrikam"}, "publisher"),
    ],
)
def test_an_offer_that_breaks_a_rule_is_refused(contoso: Caller, change: dict[str, Any], field: str) -> None:
    refused = refusal(contoso.post("offers", CRM | change))
    assert (refused.status, refused.fields) == (422, [field])
    assert field in refused.rules
    assert not Offer.objects.exists()


def test_an_offer_cannot_be_routed_to_a_destination_of_another_publisher(contoso: Caller) -> None:
    foreign = make_destination(publisher=make_publisher("fabrikam"))
    refused = refusal(contoso.post("offers", CRM | {"destinations": [foreign.pk]}))
    assert refused == (422, ["destinations[0]"], "destinations[0] must be the id of a destination of yours.")


def test_an_offer_id_is_taken_once_per_publisher(contoso: Caller, fabrikam: Caller) -> None:
    assert contoso.post("offers", CRM).status_code == 201
    refused = refusal(contoso.post("offers", CRM))
    assert refused == (409, ["offer_id"], "offer_id must not be that of another of your offers.")
    assert fabrikam.post("offers", CRM).status_code == 201


def test_an_offer_id_taken_at_the_same_moment_is_refused_alike(
    contoso: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_offer()
    monkeypatch.setattr(Offer, "full_clean", lambda offer: None)
    assert refusal(contoso.post("offers", CRM))[:2] == (409, ["offer_id"])


def test_another_conflict_in_the_database_is_a_fault_of_ours(contoso: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(offer: Offer) -> None:
        raise IntegrityError("Key (email)=(ada@example.com)")

    monkeypatch.setattr(Offer, "full_clean", fail)
    assert refusal(contoso.post("offers", CRM)).status == 500


def test_offers_are_listed_newest_first_page_by_page(contoso: Caller) -> None:
    make_offer(publisher=make_publisher("fabrikam"))
    for name in ("one", "two", "three"):
        make_offer(name, routes=(make_destination(name),))
    first = contoso.get("offers", limit=2).json()
    second = contoso.get("offers", limit=2, cursor=first["next"]).json()
    names = [offer["full_id"] for offer in first["items"] + second["items"]]
    assert names == ["contoso.three", "contoso.two", "contoso.one"]
    assert second["next"] is None


def test_only_what_is_sent_of_an_offer_changes(contoso: Caller) -> None:
    one, two = make_destination("One"), make_destination("Two")
    make_offer(routes=(one,))
    before = contoso.get("offers/contoso.crm").json()
    assert contoso.patch("offers/contoso.crm", {"title": "New"}).json() == before | {"title": "New"}
    assert contoso.patch("offers/contoso.crm", {"destinations": [two.pk]}).json()["destinations"] == [two.pk]
    assert contoso.patch("offers/contoso.crm", {"storefronts": ["appsource"]}).json()["storefronts"] == ["appsource"]
    assert contoso.patch("offers/contoso.crm", {"destinations": []}).json()["destinations"] == []
    assert contoso.patch("offers/contoso.crm", {}).json()["title"] == "New"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"offer_id": "erp"}, "offer_id"),
        ({"title": None}, "title"),
        ({"title": ""}, "title"),
        ({"storefronts": []}, "storefronts"),
        ({"destinations": None}, "destinations"),
        ({"destinations": [4711]}, "destinations[0]"),
    ],
)
def test_a_change_of_an_offer_that_breaks_a_rule_is_refused(
    contoso: Caller, change: dict[str, Any], field: str
) -> None:
    make_offer(routes=(make_destination(),))
    before = contoso.get("offers/contoso.crm").json()
    assert refusal(contoso.patch("offers/contoso.crm", change))[:2] == (422, [field])
    assert contoso.get("offers/contoso.crm").json() == before


def test_publishing_answers_the_steps_and_they_can_be_followed(contoso: Caller, receiver: FakeServer) -> None:
    make_offer(status="draft", routes=(make_destination(),))
    response = contoso.post("offers/contoso.crm/publish")
    begun = response.json()
    assert response.status_code == 202
    assert begun["status"] == "publishing"
    assert [step["kind"] for step in begun["steps"]] == ["check", "test_lead", "preview"]
    assert {step["state"] for step in begun["steps"]} == {"pending"}
    assert contoso.post("offers/contoso.crm/publish").json() == begun

    publishing.advance(Offer.objects.get().publications.get().pk)
    ended = contoso.get("offers/contoso.crm/publication").json()
    assert [step["state"] for step in ended["steps"]] == ["passed", "passed", "passed"]
    assert (ended["status"], ended["finished_at"] is not None) == ("preview", True)
    assert receiver.requests[-1].json()["IsTest"] is True


def test_an_offer_goes_live_from_preview_and_back_to_draft(contoso: Caller) -> None:
    make_offer(status="preview")
    assert contoso.post("offers/contoso.crm/go-live").json()["status"] == "live"
    assert contoso.post("offers/contoso.crm/unpublish").json()["status"] == "draft"


def test_an_offer_does_not_go_live_before_its_preview(contoso: Caller) -> None:
    make_offer(status="draft")
    refused = refusal(contoso.post("offers/contoso.crm/go-live"))
    assert refused == (409, ["status"], "Publish the offer first: it goes live from preview.")


def test_an_offer_never_published_has_no_publication(contoso: Caller) -> None:
    make_offer()
    assert refusal(contoso.get("offers/contoso.crm/publication")).status == 404


@pytest.mark.parametrize("full_id", ["contoso.none", "crm", "x", "contoso.", ".", "contoso.%00"])
def test_an_offer_that_is_not_there_is_not_found(contoso: Caller, full_id: str) -> None:
    make_offer()
    assert refusal(contoso.get(f"offers/{full_id}")).status == 404
