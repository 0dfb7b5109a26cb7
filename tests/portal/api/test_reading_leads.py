from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from connectors.behaviours import answer
from connectors.fakes import FakeServer
from leads import delivery
from leads.models import Delivery, Lead, Offer
from leads.taxonomy import Action, Source
from tests.factories import make_destination, make_lead, make_offer, make_publisher
from tests.portal.api.conftest import Caller, everything, refusal

pytestmark = pytest.mark.django_db


def emails(response: Any) -> list[str]:
    assert response.status_code == 200, response.content
    return [item["UserDetails"]["Email"] for item in response.json()["items"]]


def test_a_lead_is_shown_with_all_that_was_sent_and_where_it_is(contoso: Caller) -> None:
    destination = make_destination("Sales endpoint")
    received = make_lead(
        make_offer(routes=(destination,)), first_name="Ada", description="Hello", extra={"a": [1]}, consent=True
    )
    lead = Lead.objects.get()
    found = Delivery.objects.get()
    shown = contoso.get(f"leads/{received.lead_id}").json()
    assert [moment["what"] for moment in shown.pop("Timeline")] == [
        "Received",
        "Stage: initial interest",
        "New customer",
        "Routed",
        "Next try at Sales endpoint",
    ]
    assert (shown.pop("Why"), shown.pop("Next")) == ("In line for Sales endpoint.", ["It goes out within seconds."])
    assert shown == {
        "LeadId": str(received.lead_id),
        "Kind": "live",
        "OfferId": "contoso.crm",
        "OfferTitle": "Contoso CRM",
        "LeadSource": "AzureMarketplace",
        "ActionCode": "INS",
        "Stage": "initial interest",
        "Storefront": "azure_marketplace",
        "UserDetails": {
            "FirstName": "Ada",
            "LastName": "",
            "Email": "ada@example.com",
            "Phone": "",
            "Country": "",
            "Company": "",
            "Title": "",
        },
        "Description": "Hello",
        "Consent": True,
        "Extra": {"a": [1]},
        "ReceivedAt": lead.received_at.isoformat().replace("+00:00", "Z"),
        "CustomerId": lead.customer_id,
        "DoNotContact": False,
        "Deliveries": [
            {
                "id": found.pk,
                "destination": destination.pk,
                "destination_name": "Sales endpoint",
                "state": "waiting",
                "why": "In line for Sales endpoint.",
            }
        ],
    }


def test_a_lead_shown_alone_is_the_one_of_the_list(contoso: Caller) -> None:
    received = make_lead(make_offer(routes=(make_destination(),)))
    [item] = contoso.get("leads").json()["items"]
    shown = contoso.get(f"leads/{received.lead_id}").json()
    assert item == {name: value for name, value in shown.items() if name not in ("Why", "Next", "Timeline")}


def test_a_lead_tells_each_try_with_its_answer(contoso: Caller, receiver: FakeServer) -> None:
    destination = make_destination()
    received = make_lead(make_offer(routes=(destination,)))
    receiver.queue.append(answer(422, {"reason": "no phone"}))
    delivery.drain(destination.pk)
    shown = contoso.get(f"leads/{received.lead_id}").json()
    [tried] = [moment["attempt"] for moment in shown["Timeline"] if moment["attempt"]]
    assert (tried["status"], tried["answer"]) == (422, '{"reason": "no phone"}')
    assert shown["Why"].startswith("Not taken by Sales endpoint.")
    assert shown["Next"] == ["Nothing more happens by itself. Once the cause is gone, “Send again” sends it."]


def test_a_customer_who_must_not_be_contacted_is_marked_on_every_lead(contoso: Caller) -> None:
    offer = make_offer()
    make_lead(offer)
    make_lead(offer, source=Source.APPSOURCE, action=Action.DO_NOT_CONTACT)
    items = contoso.get("leads").json()["items"]
    assert [item["DoNotContact"] for item in items] == [True, True]
    assert items[0]["Stage"] is None


def test_test_leads_and_previews_are_listed_as_what_they_are(contoso: Caller) -> None:
    make_lead(make_offer(status="preview"))
    destination = make_destination()
    contoso.post(f"destinations/{destination.pk}/test-lead")
    test, preview = contoso.get("leads").json()["items"]
    assert (test["Kind"], test["OfferId"], test["CustomerId"]) == ("test", None, None)
    assert (preview["Kind"], preview["OfferId"], preview["CustomerId"]) == ("preview", "contoso.crm", None)


def test_leads_come_newest_first_page_by_page_each_once(contoso: Caller) -> None:
    offer = make_offer()
    sent = [f"{number}@example.com" for number in range(7)]
    for email in sent:
        make_lead(offer, email)
    seen = [item["UserDetails"]["Email"] for item in everything(contoso, "leads", limit=3)]
    assert seen == sent[::-1]


def test_a_list_of_leads_takes_few_statements(
    contoso: Caller, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    offer = make_offer(routes=(make_destination("One"), make_destination("Two")))
    for number in range(5):
        make_lead(offer, f"{number}@example.com")
    with django_assert_num_queries(3):
        assert len(emails(contoso.get("leads"))) == 5


@pytest.fixture
def various(db: None) -> None:
    crm, erp = make_offer(routes=(make_destination(),)), make_offer("erp", title="Contoso ERP")
    make_lead(crm, "drive@example.com", source=Source.TEST_DRIVE, action=Action.START_TEST_DRIVE, country="DE")
    make_lead(crm, "azure@example.com", company="Initech")
    make_lead(crm, "contact@example.com", source=Source.APPSOURCE, action=Action.PARTNER_LED_TRIAL)
    make_lead(erp, "erp@example.com", source=Source.AZURE_PORTAL, action=Action.CREATE)
    make_lead(make_offer("new", status=Offer.Status.DRAFT), "preview@example.com")


@pytest.mark.usefixtures("various")
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"offer": "contoso.erp"}, ["erp"]),
        ({"offer": "Contoso.ERP"}, ["erp"]),
        ({"offer": "contoso.none"}, []),
        ({"source": "TestDrive"}, ["drive"]),
        ({"source": "AppSource (SPZA)"}, ["contact"]),
        ({"action": "ins"}, ["preview", "azure"]),
        ({"stage": "active"}, ["erp", "contact"]),
        ({"stage": "test drive"}, ["drive"]),
        ({"storefront": "appsource"}, ["contact"]),
        ({"kind": "preview"}, ["preview"]),
        ({"country": "DE"}, ["drive"]),
        ({"state": "waiting"}, ["contact", "azure", "drive"]),
        ({"state": "held"}, []),
        ({"q": "AZURE@example.com"}, ["azure"]),
        ({"q": "init"}, ["azure"]),
        ({"kind": "live", "stage": "active", "offer": "contoso.crm"}, ["contact"]),
        ({"offer": "", "stage": "", "since": ""}, ["preview", "erp", "contact", "azure", "drive"]),
        ({"since": "2020-01-01"}, ["preview", "erp", "contact", "azure", "drive"]),
        ({"until": "2020-01-01T00:00:00Z"}, []),
        ({"since": "2020-01-01T10:00:00 02:00", "until": "2020-01-02T00:00"}, []),
    ],
)
def test_leads_are_found_by(contoso: Caller, asked: dict[str, Any], found: list[str]) -> None:
    assert emails(contoso.get("leads", **asked)) == [f"{name}@example.com" for name in found]


def test_a_period_begins_with_its_first_moment_and_ends_before_its_last(contoso: Caller) -> None:
    make_lead(make_offer())
    moment = Lead.objects.get().received_at
    assert len(emails(contoso.get("leads", since=moment.isoformat()))) == 1
    assert emails(contoso.get("leads", until=moment.isoformat())) == []
    assert emails(contoso.get("leads", since=(timezone.now() + timedelta(hours=1)).isoformat())) == []


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("source", "Fax", "source must be one of TestDrive, AzureMarketplace, AzurePortal, SPZA."),
        ("action", "Fax", "action must be one of StartTestDrive, INS, Create, PLT, DNC."),
        ("stage", "2", "stage must be 'test drive', 'initial interest' or 'active'."),
        ("storefront", "shop", "storefront must be 'azure_marketplace' or 'appsource'."),
        ("kind", "all", "kind must be 'live', 'preview' or 'test'."),
        ("since", "yesterday", "since must be a date and time, such as 2025-05-01T12:00:00Z."),
        ("until", "2025-13-01", "until must be a date and time, such as 2025-05-01T12:00:00Z."),
        ("q", "a\0b", "q must not contain NUL characters."),
        ("offer", "contoso.\0", "offer must not contain NUL characters."),
        ("q", "x" * 321, "q may have at most 320 characters."),
        ("limit", "0", "limit must be at least 1."),
        ("limit", "201", "limit must be at most 200."),
        ("limit", "many", "limit must be a whole number."),
        ("cursor", "nonsense", "cursor is not one that this list gave out."),
        ("cursor", "W1tbW1tbW1tbW1tb", "cursor is not one that this list gave out."),
        ("cursor", "x" * 301, "cursor may have at most 300 characters."),
    ],
)
def test_a_parameter_that_makes_no_sense_is_refused(contoso: Caller, name: str, value: Any, rule: str) -> None:
    assert refusal(contoso.get("leads", **{name: value})) == (422, [name], rule)


def test_an_unknown_state_is_refused_with_those_there_are(contoso: Caller) -> None:
    refused = refusal(contoso.get("leads", state="lost"))
    assert refused.fields == ["state"]
    assert "gave_up" in refused.rules
    assert "held" in refused.rules


def test_a_misspelt_parameter_is_refused_instead_of_widening_the_list(contoso: Caller) -> None:
    refused = refusal(contoso.get("leads", ofer="contoso.crm"))
    assert refused.fields == ["ofer"]
    assert "there are limit, cursor, offer, source" in refused.rules


@pytest.mark.parametrize("other", ["leads", "deliveries"])
def test_the_cursor_of_another_list_is_refused(contoso: Caller, other: str) -> None:
    offer = make_offer(routes=(make_destination(),))
    make_lead(offer, "a@example.com")
    make_lead(offer, "b@example.com")
    cursor = contoso.get("deliveries" if other == "leads" else "leads", limit=1).json()["next"]
    assert refusal(contoso.get(other, cursor=cursor)).fields == ["cursor"]


def test_another_publisher_sees_none_of_it(contoso: Caller, fabrikam: Caller) -> None:
    received = make_lead(make_offer())
    make_lead(make_offer(publisher=make_publisher("fabrikam")), "bob@example.com")
    assert emails(fabrikam.get("leads")) == ["bob@example.com"]
    assert emails(fabrikam.get("leads", offer="contoso.crm")) == []
    assert refusal(fabrikam.get(f"leads/{received.lead_id}")).status == 404


@pytest.mark.parametrize("lead_id", ["x", "1", uuid4(), "a%00b"])
def test_a_lead_that_is_not_there_is_not_found(contoso: Caller, lead_id: object) -> None:
    assert refusal(contoso.get(f"leads/{lead_id}")).status == 404
