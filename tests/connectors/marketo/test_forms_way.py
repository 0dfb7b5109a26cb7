"""Leads that fill out a form: one a call, with what the form asks for and no more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors import registry
from connectors.base import LeadPayload, Receipt
from connectors.errors import DeliveryError, Misconfigured, Rejected
from connectors.fakes import FakeServer
from connectors.marketo.imitation.described import form_fields
from connectors.marketo.imitation.subscription import Subscription
from tests.connectors.leads import LEAD
from tests.connectors.marketo.acting import FORM, STORED, deliver_one, paths


@pytest.fixture(autouse=True)
def _server(server: FakeServer) -> None:
    """Stand behind every host."""


def fill_out(
    one: LeadPayload = LEAD, mapping: dict[str, str] | None = None, program: str = ""
) -> Receipt | DeliveryError:
    return deliver_one(one, mapping, **FORM, program=program)


def without(subscription: Subscription, *names: str) -> None:
    subscription.forms[1179].fields = [each for each in form_fields() if each["id"] not in names]


def test_is_filled_out_as_the_form_is_known(server: FakeServer, subscription: Subscription) -> None:
    result = fill_out(program="1107")
    assert isinstance(result, Receipt)
    body = server.requests[-1].json()
    assert (body["formId"], body["programId"]) == (1179, 1107)
    assert body["input"] == [
        {
            "leadFormFields": {
                "firstName": "Zoë",
                "lastName": "Lovelace",
                "email": "zoe@contoso.example",
                "phone": "+49 30 1234",
                "company": "Contoso",
                "title": "Buyer",
                "country": "Germany",
                "leadSource": "SPZA-PLT|Contoso CRM",
            }
        }
    ]
    assert subscription.activities == [{"person": 100, "form": 1179, "program": 1107}]


def test_takes_one_lead_a_call() -> None:
    with registry.connect("marketo", {**STORED, **FORM}) as connector:
        assert (connector.batch_size, connector.concurrency) == (1, 2)


def test_asks_for_the_forms_fields_once(server: FakeServer) -> None:
    for _ in range(3):
        fill_out()
    assert paths(server)[:2] == ["/rest/v1/leads/describe.json", "/rest/asset/v1/form/1179/fields.json"]
    assert set(paths(server)[2:]) == {"/rest/v1/leads/submitForm.json"}


def test_leaves_out_what_the_form_does_not_ask_for(subscription: Subscription) -> None:
    without(subscription, "Title", "LeadSource")
    assert isinstance(fill_out(), Receipt)
    assert not {"title", "leadSource"} & subscription.people[100].keys()


def test_holds_the_destination_where_the_mapping_names_what_it_does_not_ask_for() -> None:
    result = fill_out(mapping={"industry": "IT"})
    assert isinstance(result, Misconfigured)
    assert "industry" in result.sentence


def test_of_who_must_not_be_contacted_says_so(subscription: Subscription) -> None:
    fill_out(replace(LEAD, do_not_contact=True))
    assert (subscription.people[100]["unsubscribed"], subscription.people[100]["doNotCall"]) == (True, True)


def test_of_who_must_not_be_contacted_is_kept_where_the_form_cannot_say_so(subscription: Subscription) -> None:
    without(subscription, "Unsubscribed")
    result = fill_out(replace(LEAD, do_not_contact=True))
    assert isinstance(result, Rejected)
    assert result.sentence == ("This customer asked not to be contacted, and there is no unsubscribed to say so in.")
    assert subscription.live() == []
    assert isinstance(fill_out(), Receipt)


def test_lacking_what_the_form_demands_is_rejected_by_name(subscription: Subscription) -> None:
    subscription.forms[1179].fields[3]["required"] = True
    result = fill_out(replace(LEAD, phone=""))
    assert isinstance(result, Rejected)
    assert result.sentence == "The form demands Phone Number (phone), and this lead has none."


def test_that_is_not_there_holds_the_destination(subscription: Subscription) -> None:
    subscription.forms.clear()
    assert isinstance(fill_out(), Misconfigured)


def test_that_we_may_not_look_at_holds_it(subscription: Subscription) -> None:
    subscription.denied.add("assets")
    result = fill_out()
    assert isinstance(result, Misconfigured)
    assert result.cause == "marketo-603"


@pytest.mark.parametrize("number", ["", "../../../v1/leads", "1179/../1", "1179?x", "١١٧٩", "-1", "1 "])
def test_that_is_no_number_asks_nobody(number: str, server: FakeServer) -> None:
    result = deliver_one(mode="form", form_id=number)
    assert isinstance(result, Misconfigured)
    assert result.cause == "form"
    assert {path.count("..") for path in paths(server)} <= {0}


@pytest.mark.parametrize("number", ["Marketplace", "11.07", "1107/../1"])
def test_whose_program_is_no_number_is_not_sent(number: str, subscription: Subscription) -> None:
    result = fill_out(program=number)
    assert isinstance(result, Misconfigured)
    assert subscription.live() == []
