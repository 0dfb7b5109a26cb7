"""Leads by a form whose answer says nothing."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs

import pytest
from pytest_django.fixtures import Settings

from connectors import behaviours, shared
from connectors.base import Receipt
from connectors.errors import Misconfigured, Unavailable, Uncertain
from connectors.fakes import FakeServer, refusing_port
from connectors.registry import connect
from connectors.salesforce import web_to_lead
from connectors.salesforce.imitation.organization import Organization
from tests.connectors.leads import LEAD
from tests.connectors.salesforce.acting import FORM, deliver_one, deliver_within


def posted(server: FakeServer) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(server.requests[-1].body.decode()).items()}


def test_what_is_posted_is_what_publishers_know(server: FakeServer, org: Organization) -> None:
    result = deliver_one(**FORM)
    assert isinstance(result, Receipt)
    assert posted(server) == {
        "oid": "00D5g00000ABCDE",
        "encoding": "UTF-8",
        "first_name": "Zoë",
        "last_name": "Lovelace",
        "company": "Contoso",
        "title": "Buyer",
        "email": "zoe@contoso.example",
        "phone": "+49 30 1234",
        "country": "Germany",
        "lead_source": "SPZA-PLT|Contoso CRM",
        "description": f"Please call.\nLead {LEAD.id}",
    }
    assert result.answer.startswith("Salesforce answers a form in the same way whether it keeps the lead or not.")
    assert (result.remote_id, result.remote_url) == ("", "")
    assert len(org.posts) == 1


@pytest.mark.parametrize(("sandbox", "host"), [(False, "webto"), (True, "test")])
def test_where_it_is_posted(sandbox: bool, host: str, server: FakeServer) -> None:  # noqa: FBT001
    deliver_one(**FORM, sandbox=sandbox)
    [sent] = server.requests
    assert sent.headers["host"] == f"{host}.salesforce.com"
    assert sent.path == "/servlet/servlet.WebToLead?encoding=UTF-8&orgId=00D5g00000ABCDE"


def test_a_field_of_the_form_is_mapped_by_its_id(server: FakeServer) -> None:
    deliver_one(mapping={"00N5g00000FIELD": "{OfferId}", "title": ""}, **FORM)
    assert posted(server)["00N5g00000FIELD"] == "contoso.crm"
    assert "title" not in posted(server)


@pytest.mark.parametrize("fault", ["hang", "close", "drip_head", "garbage"])
def test_what_was_sent_and_not_answered_is_left_to_a_person(fault: str, server: FakeServer) -> None:
    server.always = getattr(behaviours, fault)
    assert type(deliver_within(0.5, **FORM)) is Uncertain
    assert len(server.requests) == 1


def test_what_was_never_sent_is_sent_later(server: FakeServer, settings: Settings) -> None:
    with refusing_port() as port:
        settings.OUTBOUND_CONNECT_TO = f"*=http://127.0.0.1:{port}"
        result = deliver_one(**FORM)
    assert type(result) is Unavailable


@pytest.mark.parametrize(
    ("status", "expected"),
    [(500, Uncertain), (503, Uncertain), (429, Unavailable), (404, Misconfigured), (302, Misconfigured)],
)
def test_another_answer_than_the_usual(status: int, expected: type[Exception], server: FakeServer) -> None:
    server.always = behaviours.answer(status, "x")
    assert type(deliver_one(**FORM)) is expected


def test_posts_are_counted_and_near_the_limit_it_is_said(server: FakeServer) -> None:
    day = web_to_lead.today()
    shared.tally("salesforce:web-to-lead:00D5g00000ABCDE", day, by=398)
    answers = [getattr(deliver_one(**FORM), "answer", "") for _ in range(2)]
    assert "posted 399 of 500 leads today; your own forms count too." in answers[0]
    assert "queue" not in answers[0]
    assert "posted 400 of 500" in answers[1]
    assert "Beyond 500 Salesforce keeps leads in a queue" in answers[1]
    with connect("salesforce", FORM) as connector:
        assert "posted 400 of 500" in list(connector.checks())[-1].sentence


def test_what_is_rejected_here_is_not_counted(server: FakeServer) -> None:
    deliver_one(replace(LEAD, company=""), **FORM, missing_company="")
    assert shared.tally("salesforce:web-to-lead:00D5g00000ABCDE", web_to_lead.today(), by=0) == 0


def test_nobody_signs_in(server: FakeServer, org: Organization) -> None:
    deliver_one(**FORM)
    assert org.sign_ins == 0
    assert "authorization" not in server.requests[0].headers
