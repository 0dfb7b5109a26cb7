from __future__ import annotations

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from leads import keys
from leads.models import Delivery, Lead
from leads.taxonomy import Action, Source
from tests.factories import make_destination, make_offer, make_publisher
from tests.portal.api.conftest import Caller, lead, refusal

pytestmark = pytest.mark.django_db


def test_a_lead_is_stored_and_answered_with_id_stage_and_deliveries(marketplace: Caller) -> None:
    make_offer(routes=(make_destination("One"), make_destination("Two")))
    response = marketplace.post("leads", lead())
    stored = Lead.objects.get()
    assert response.status_code == 202
    assert response.json() == {"LeadId": str(stored.pk), "Stage": "initial interest", "Deliveries": 2}
    assert stored.kind == "live"


def test_all_that_is_sent_is_kept_as_sent(marketplace: Caller) -> None:
    make_offer()
    person = {
        "FirstName": " Zoë ",
        "LastName": "O'Neil\nJr",
        "Email": "Zoe@Exämple.com",
        "Phone": "+49 (0) 1",
        "Country": "日本",
        "Company": "<b>&",
        "Title": "👩‍🔬",
    }
    extra = {"campaign": "spring", "n": 1.5, "deep": {"list": [1, None, True]}}
    marketplace.post("leads", lead(user=person, Description="Hello\nthere", Consent=True, Extra=extra))
    stored = Lead.objects.get()
    names = ("first_name", "last_name", "email", "phone", "country", "company", "title")
    assert [getattr(stored, name) for name in names] == list(person.values())
    assert (stored.description, stored.consent, stored.extra) == ("Hello\nthere", True, extra)


def test_everything_but_the_email_may_be_missing_or_null(marketplace: Caller) -> None:
    make_offer()
    empty = dict.fromkeys(("FirstName", "LastName", "Phone", "Country", "Company", "Title"))
    response = marketplace.post("leads", lead(user=empty, Description=None, Consent=None, Extra=None, Storefront=None))
    assert response.status_code == 202
    stored = Lead.objects.get()
    assert (stored.first_name, stored.description, stored.consent, stored.extra) == ("", "", None, {})


@pytest.mark.parametrize(
    ("source", "action", "stage"),
    [
        ("TestDrive", "StartTestDrive", "test drive"),
        ("AzureMarketplace", "INS", "initial interest"),
        ("AzurePortal", "Create", "active"),
        ("SPZA", "INS", "initial interest"),
        ("AppSource", "PLT", "active"),
        ("AppSource (SPZA)", "DNC", None),
    ],
)
def test_each_act_has_its_stage(marketplace: Caller, source: str, action: str, stage: str | None) -> None:
    make_offer()
    assert marketplace.post("leads", lead(LeadSource=source, ActionCode=action)).json()["Stage"] == stage


@pytest.mark.parametrize(
    "written",
    [
        "SPZA-INS|contoso.crm",
        "SPZA-INS | contoso.crm",
        "AppSource (SPZA)-INS|Contoso.CRM",
    ],
)
def test_a_lead_source_may_say_it_all(marketplace: Caller, written: str) -> None:
    offer = make_offer()
    response = marketplace.post("leads", lead(LeadSource=written, OfferId=..., ActionCode=...))
    stored = Lead.objects.get()
    assert response.status_code == 202
    assert (stored.offer, stored.source, stored.action) == (offer, Source.APPSOURCE, Action.INSTALL)


def test_a_whole_lead_source_agrees_with_what_else_is_given(marketplace: Caller) -> None:
    make_offer()
    assert marketplace.post("leads", lead(LeadSource="AzureMarketplace-INS|contoso.crm")).status_code == 202


@pytest.mark.parametrize(
    ("given", "field"), [({"OfferId": "contoso.erp"}, "OfferId"), ({"ActionCode": "PLT"}, "ActionCode")]
)
def test_a_whole_lead_source_that_contradicts_is_refused(
    marketplace: Caller, nothing_stored: None, given: dict[str, Any], field: str
) -> None:
    make_offer()
    make_offer("erp")
    assert refusal(marketplace.post("leads", lead(LeadSource="SPZA-INS|contoso.crm") | given)).fields == [field]


def test_a_test_drive_may_tell_its_storefront(marketplace: Caller) -> None:
    make_offer()
    sent = lead(LeadSource="TestDrive", ActionCode="StartTestDrive", Storefront="appsource")
    assert marketplace.post("leads", sent).status_code == 202
    assert Lead.objects.get().storefront == "appsource"


def test_a_storefront_that_contradicts_the_source_is_refused(marketplace: Caller, nothing_stored: None) -> None:
    make_offer()
    refused = refusal(marketplace.post("leads", lead(Storefront="appsource")))
    assert refused == (422, ["Storefront"], "Storefront for this LeadSource and ActionCode must be azure_marketplace.")


def test_a_lead_for_an_offer_that_is_not_live_is_taken_as_preview(marketplace: Caller) -> None:
    make_offer(status="draft", routes=(make_destination(),))
    assert marketplace.post("leads", lead()).json()["Deliveries"] == 1
    assert Lead.objects.get().kind == "preview"


def test_a_lead_without_consent_is_withheld(marketplace: Caller) -> None:
    make_offer(routes=(make_destination(),))
    marketplace.post("leads", lead(Consent=False))
    assert Delivery.objects.get().state == "withheld"


def test_the_same_idempotency_key_answers_the_same_and_stores_nothing(marketplace: Caller) -> None:
    make_offer(routes=(make_destination(),))
    first = marketplace.post("leads", lead(), {"Idempotency-Key": "order-1"})
    again = marketplace.post("leads", lead(), {"Idempotency-Key": "order-1"})
    assert "Idempotent-Replayed" not in first
    assert again["Idempotent-Replayed"] == "true"
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert (Lead.objects.count(), Delivery.objects.count()) == (1, 1)


def test_the_same_idempotency_key_with_another_lead_is_refused(marketplace: Caller) -> None:
    make_offer()
    marketplace.post("leads", lead(), {"Idempotency-Key": "order-1"})
    response = marketplace.post("leads", lead(Description="other"), {"Idempotency-Key": "order-1"})
    assert refusal(response)[:2] == (422, ["Idempotency-Key"])
    assert Lead.objects.count() == 1


def test_two_senders_may_use_the_same_idempotency_key(marketplace: Caller) -> None:
    make_offer()
    other = Caller(keys.issue("another marketplace")[1])
    first, second = (caller.post("leads", lead(), {"Idempotency-Key": "1"}) for caller in (marketplace, other))
    assert first.json()["LeadId"] != second.json()["LeadId"]


def test_without_an_idempotency_key_the_same_lead_counts_twice(marketplace: Caller) -> None:
    make_offer()
    marketplace.post("leads", lead())
    marketplace.post("leads", lead())
    assert Lead.objects.count() == 2


@pytest.mark.parametrize("key", ["", "two words", "ä", "x" * 256])
def test_an_idempotency_key_is_visible_ascii(marketplace: Caller, nothing_stored: None, key: str) -> None:
    make_offer()
    response = marketplace.post("leads", lead(), {"Idempotency-Key": key})
    assert refusal(response)[:2] == (422, ["Idempotency-Key"])


def test_accepting_a_lead_takes_three_statements_and_a_transaction(
    marketplace: Caller, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    make_offer(routes=(make_destination(),))
    with django_assert_max_num_queries(5):
        marketplace.post("leads", lead(), {"Idempotency-Key": "order-1"})


def test_a_publishers_key_sends_no_leads(contoso: Caller, nothing_stored: None) -> None:
    make_offer()
    assert refusal(contoso.post("leads", lead()))[:2] == (403, ["Authorization"])
    assert refusal(contoso.send("post", "leads/batch", b"{}", "application/x-ndjson")).status == 403


def test_a_revoked_key_sends_no_leads(nothing_stored: None) -> None:
    make_offer()
    key, token = keys.issue("old marketplace")
    keys.revoke(key)
    response = Caller(token).post("leads", lead())
    assert refusal(response)[:2] == (401, ["Authorization"])
    assert response["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def test_a_key_is_found_under_any_publisher(marketplace: Caller) -> None:
    make_offer(publisher=make_publisher("fabrikam"))
    assert marketplace.post("leads", lead(OfferId="fabrikam.crm")).status_code == 202
