from __future__ import annotations

import json
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from leads.models import Delivery, Lead
from portal.api import bodies
from tests.factories import make_destination, make_offer, make_publisher
from tests.portal.api.conftest import SECRET_WORD, Caller, lead, refusal

pytestmark = pytest.mark.django_db


def lines(*leads: Any) -> bytes:
    return "\n".join(sent if isinstance(sent, str) else json.dumps(sent) for sent in leads).encode()


def post(caller: Caller, body: bytes, content_type: str = "application/x-ndjson") -> Any:
    return caller.send("post", "leads/batch", body, content_type)


def results(caller: Caller, *leads: Any) -> list[dict[str, Any]]:
    response = post(caller, lines(*leads))
    assert response.status_code == 200
    assert response["Content-Type"] == "application/x-ndjson"
    return [json.loads(line) for line in response.content.splitlines()]


def test_each_line_is_answered_in_order_and_good_ones_are_kept(marketplace: Caller) -> None:
    make_offer(routes=(make_destination(),))
    answered = results(
        marketplace,
        lead(user={"Email": "one@example.com"}),
        lead(user={"Email": "nonsense"}),
        lead(OfferId="contoso.unknown"),
        "{not json",
        lead(user={"Email": "five@example.com"}, LeadSource="SPZA", ActionCode="PLT"),
    )
    assert [(result["Line"], result["Status"]) for result in answered] == [
        (1, 202),
        (2, 422),
        (3, 422),
        (4, 400),
        (5, 202),
    ]
    assert [result.get("Stage") for result in answered] == ["initial interest", None, None, None, "active"]
    assert [result["Errors"][0]["field"] for result in answered[1:4]] == ["UserDetails.Email", "OfferId", ""]
    kept = {str(pk): email for pk, email in Lead.objects.values_list("pk", "email")}
    assert [kept[result["LeadId"]] for result in (answered[0], answered[4])] == ["one@example.com", "five@example.com"]
    assert Delivery.objects.count() == 2


def test_a_result_has_what_belongs_to_it_and_nothing_else(marketplace: Caller) -> None:
    make_offer()
    good, bad = results(marketplace, lead(), {})
    assert good.keys() == {"Line", "Status", "LeadId", "Stage", "Deliveries"}
    assert bad.keys() == {"Line", "Status", "Errors"}


def test_a_lead_without_a_stage_says_so(marketplace: Caller) -> None:
    make_offer()
    [result] = results(marketplace, lead(LeadSource="SPZA", ActionCode="DNC"))
    assert result["Stage"] is None


def test_blank_lines_are_passed_over_and_numbers_stay_those_of_the_lines(marketplace: Caller) -> None:
    make_offer()
    response = post(marketplace, lines(lead(), "", lead()) + b"\r\n\r\n")
    assert [json.loads(line)["Line"] for line in response.content.splitlines()] == [1, 3]


def test_a_line_may_be_repeated_with_its_idempotency_key(marketplace: Caller) -> None:
    make_offer()
    sent = lead(IdempotencyKey="order-1")
    first, again = results(marketplace, sent, sent)
    [later] = results(marketplace, sent)
    assert first["LeadId"] == again["LeadId"] == later["LeadId"]
    assert Lead.objects.count() == 1


def test_an_idempotency_key_used_for_another_lead_is_refused(marketplace: Caller) -> None:
    make_offer()
    sent = lead(IdempotencyKey="order-1")
    first, other = results(marketplace, sent, sent | {"Description": "other"})
    assert (first["Status"], other["Status"]) == (202, 422)
    assert other["Errors"][0]["field"] == "IdempotencyKey"
    assert "LeadId" not in other


def test_a_batch_and_a_single_request_share_their_idempotency_keys(marketplace: Caller) -> None:
    make_offer()
    single = marketplace.post("leads", lead(), {"Idempotency-Key": "order-1"}).json()
    [batched] = results(marketplace, lead(IdempotencyKey="order-1"))
    assert batched["LeadId"] == single["LeadId"]


@pytest.mark.usefixtures("discreet")
@pytest.mark.parametrize(
    ("line", "status", "field"),
    [
        (lead(IdempotencyKey="two words"), 422, "IdempotencyKey"),
        (lead(user={"FirstName": f"{SECRET_WORD}\0"}), 422, "UserDetails.FirstName"),
        (lead(ActionCode=SECRET_WORD), 422, "ActionCode"),
        (f'["{SECRET_WORD}"]', 422, ""),
        (f'"{SECRET_WORD}', 400, ""),
        ('{"a":' * 2_000, 422, ""),
        (lead(Description=SECRET_WORD * 7_000), 413, ""),
        ("NaN", 422, ""),
    ],
)
def test_a_bad_line_is_refused_alone(marketplace: Caller, line: Any, status: int, field: str) -> None:
    make_offer()
    response = post(marketplace, lines(lead(), line, lead()))
    results = [json.loads(result) for result in response.content.splitlines()]
    assert [result["Status"] for result in results] == [202, status, 202]
    assert results[1]["Errors"][0]["field"] == field
    assert SECRET_WORD not in response.content.decode()
    assert Lead.objects.count() == 2


def test_a_line_that_is_not_utf8_is_refused_alone(marketplace: Caller) -> None:
    make_offer()
    response = post(marketplace, lines(lead()) + b'\n{"OfferId":"\xff"}\n' + lines(lead()))
    assert [json.loads(line)["Status"] for line in response.content.splitlines()] == [202, 400, 202]


def test_a_separator_inside_a_text_does_not_end_a_line(marketplace: Caller) -> None:
    make_offer()
    body = json.dumps(lead(Description="one\u2028two\x85three"), ensure_ascii=False).encode()
    assert len(post(marketplace, body).content.splitlines()) == 1
    assert Lead.objects.get().description == "one\u2028two\x85three"


def test_a_thousand_lines_take_one_look_for_offers_and_one_statement(
    marketplace: Caller, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    make_offer(routes=(make_destination(),))
    make_offer(publisher=make_publisher("fabrikam"))
    body = lines(*(lead(OfferId=("contoso.crm", "fabrikam.crm")[number % 2]) for number in range(1_000)))
    with django_assert_max_num_queries(5):
        response = post(marketplace, body)
    assert response.content.count(b'"Status":202') == 1_000
    assert Lead.objects.filter(publisher__slug="fabrikam").count() == 500


@pytest.mark.usefixtures("nothing_stored")
def test_more_than_a_thousand_lines_are_refused_whole(marketplace: Caller) -> None:
    make_offer()
    refused = refusal(post(marketplace, lines(*[json.dumps(lead())] * 1_001)))
    assert refused == (413, [""], "A batch may have at most 1,000 lines.")


@pytest.mark.usefixtures("nothing_stored")
def test_more_than_4_mb_are_refused_whole(marketplace: Caller) -> None:
    make_offer()
    body = lines(lead())
    refused = refusal(post(marketplace, body + b"\n" * (bodies.BATCH + 1 - len(body))))
    assert refused == (413, [""], "The body may have at most 4,194,304 bytes.")


def test_4_mb_are_taken(marketplace: Caller) -> None:
    make_offer()
    body = lines(lead())
    assert post(marketplace, body + b"\n" * (bodies.BATCH - len(body))).status_code == 200


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (lines(lead()), "application/json", 415),
        (b"", "application/x-ndjson", 400),
        (b"\n\n", "application/x-ndjson", 400),
    ],
)
def test_a_batch_that_is_none_is_refused(marketplace: Caller, body: Any, content_type: str, status: int) -> None:
    make_offer()
    assert refusal(post(marketplace, body, content_type)).status == status


def test_a_batch_without_a_good_line_stores_nothing(marketplace: Caller, nothing_stored: None) -> None:
    make_offer()
    assert [result["Status"] for result in results(marketplace, {}, {})] == [422, 422]
