"""Checking a connection: each rung says what is wrong and how to mend it, and nothing is left behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connectors import behaviours, registry
from connectors.base import Check, Receipt
from connectors.errors import DeliveryError
from connectors.fakes import FakeServer
from connectors.offered import offer
from connectors.salesforce.imitation.described import KEY
from connectors.salesforce.imitation.organization import Fault, Organization, error
from tests.connectors.salesforce.acting import FORM, STORED, deliver_one

CAMPAIGN = "7015g000000ABCDAA2"
NAMES = registry.get("salesforce").rungs

Change = Callable[[Organization], object]


@pytest.fixture(autouse=True)
def _server(server: FakeServer) -> None:
    """Stand behind every host."""


def climbed(mapping: dict[str, str] | None = None, **settings: Any) -> list[Check]:
    with registry.connect("salesforce", {**STORED, **settings}, mapping) as connector:
        return list(connector.checks())


def field(org: Organization, name: str) -> dict[str, Any]:
    return next(found for found in org.fields if found["name"] == name)


def without(org: Organization, *names: str) -> None:
    org.fields = [found for found in org.fields if found["name"] not in names]


def refuse_all(org: Organization) -> None:
    class Every(dict[str, list[dict[str, Any]]]):
        def get(self, *_: object) -> Any:
            return [error("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Budget?")]

    org.refusals = Every()


def test_all_is_well_and_nothing_stays(org: Organization) -> None:
    checks = climbed(campaign_id="")
    assert [check.name for check in checks] == [*NAMES]
    assert all(check.passed for check in checks), checks
    assert not org.records
    [trial] = org.written
    assert (trial["all_or_none"], trial["headers"]["sforce-auto-assign"]) == (True, "FALSE")
    assert "28 fields" in checks[4].sentence
    assert "14,997 of 15,000" in checks[9].sentence


@pytest.mark.parametrize(
    ("change", "given", "rung", "sentence", "fix"),
    [
        (lambda org: setattr(org, "client_secret", "x"), {}, "Sign-in", "refused the consumer secret", "once more"),
        (lambda org: org.faults.append(Fault(404, "NOT_FOUND")), {}, "API version", "version 64.0", "marketplace"),
        (
            lambda org: setattr(org, "may_create", False),
            {},
            "Leads may be created",
            "not create them",
            "permission set",
        ),
        (
            lambda org: field(org, "Industry").update(nillable=False),
            {},
            "Required fields",
            "Salesforce demands Industry (Industry), and nothing is mapped to it.",
            "Map",
        ),
        (lambda org: without(org, KEY), {}, "External ID", f"{KEY} is no field", "Make a text field"),
        (lambda org: field(org, KEY).update(unique=False), {}, "External ID", "must be unique", "Make a text field"),
        (lambda org: field(org, KEY).update(length=18), {}, "External ID", "must hold 36", KEY),
        (lambda org: field(org, KEY).update(createable=False), {}, "External ID", "must be writable", KEY),
        (lambda org: None, {"campaign_id": CAMPAIGN}, "Campaign", "no campaign of this id", "Copy the id"),
        (lambda org: setattr(org, "requests_used", 14_997), {}, "Requests left", "used up", "Wait"),
        (
            refuse_all,
            {},
            "A trial write that leaves nothing",
            "refused the lead by a validation rule",
            "rule",
        ),
    ],
)
def test_the_rung_that_fails_says_why(
    change: Change, given: dict[str, Any], rung: str, sentence: str, fix: str, org: Organization
) -> None:
    change(org)
    checks = climbed(**given)
    assert (checks[-1].name, checks[-1].passed) == (rung, False)
    assert sentence in checks[-1].sentence
    assert fix in checks[-1].fix
    assert not org.records


def test_a_field_that_is_mapped_must_be_writable(org: Organization) -> None:
    [*_, last] = climbed({"Nowhere__c": "x", "IsConverted": "true", "Title": ""})
    assert last.name == "Mapped fields"
    assert last.sentence == "The mapping sends IsConverted, Nowhere__c, which Salesforce does not let us write."


def test_a_usual_field_that_is_hidden_is_named_and_no_fault(org: Organization) -> None:
    without(org, "Title")
    checks = climbed()
    assert checks[-1].passed
    assert "We may not write Title" in checks[5].sentence


def test_without_a_key_the_risk_is_said_and_who_would_do_is_named() -> None:
    rung = climbed(external_id_field="")[6]
    assert rung.passed
    assert "waits for you to decide" in rung.sentence
    assert KEY in rung.sentence


def test_a_demanded_field_that_is_mapped_is_filled_in_the_trial(org: Organization) -> None:
    field(org, "Industry")["nillable"] = False
    assert climbed({"Industry": "Retail"})[-1].passed


def test_the_campaign_is_named(org: Organization) -> None:
    org.campaigns[CAMPAIGN] = "Marketplace leads"
    assert climbed(campaign_id=CAMPAIGN)[8].sentence == "Leads become members of Marketplace leads."


def test_few_requests_are_said_to_be_few(org: Organization) -> None:
    org.requests_used = 14_800
    assert "That is little" in climbed()[9].sentence


def test_a_wrong_lead_that_is_taken_is_taken_away_again(org: Organization) -> None:
    field(org, "LastName")["nillable"] = True
    checks = climbed()
    assert checks[-1].passed
    assert checks[-1].sentence.endswith("removed again.")
    assert not org.live()


@pytest.mark.parametrize("answer", ["[]", "{}", "[7]", "null"])
def test_an_answer_that_is_none_fails_the_trial(answer: str, server: FakeServer) -> None:
    usual = server.always
    server.queue.extend([usual] * 4 + [behaviours.answer(200, answer)])
    assert climbed()[-1].passed is False


def test_a_form_is_checked_as_far_as_it_can_be() -> None:
    checks = climbed(**FORM)
    assert [check.name for check in checks] == list(registry.get("salesforce").rungs_with(_form()))
    assert all(check.passed for check in checks)
    assert "in the same way whether it keeps the lead or not" in checks[2].sentence
    assert "posted 0 of 500" in checks[3].sentence


def _form() -> Any:
    return registry.get("salesforce").config_class.load(FORM)


class TestAfterwards:
    def test_a_lead_is_found_merged_or_missing(self, org: Organization) -> None:
        receipt = deliver_one()
        assert isinstance(receipt, Receipt)
        record = org.records[receipt.remote_id]
        with registry.connect("salesforce", STORED) as connector:
            assert connector.read_back(receipt) == "landed"
            record["IsConverted"] = True
            assert connector.read_back(receipt) == "landed"
            record["IsDeleted"] = True
            assert connector.read_back(receipt) == "missing"
            record["MasterRecordId"] = "00Q5g0000000099AAA"
            assert connector.read_back(receipt) == "merged"
            org.records.clear()
            assert connector.read_back(receipt) == "missing"

    def test_a_question_that_cannot_be_asked_is_an_error(self, org: Organization, server: FakeServer) -> None:
        receipt = deliver_one()
        assert isinstance(receipt, Receipt)
        for answered in (behaviours.answer(200, "[]"), behaviours.answer(503, "<html>")):
            server.queue.append(answered)
            with registry.connect("salesforce", STORED) as connector, pytest.raises(DeliveryError):
                connector.read_back(receipt)

    def test_a_test_lead_is_removed_and_once_is_enough(self, org: Organization) -> None:
        receipt = deliver_one()
        assert isinstance(receipt, Receipt)
        with registry.connect("salesforce", STORED) as connector:
            connector.remove(receipt)
            connector.remove(receipt)
            assert not org.live()
            org.faults.append(Fault(403, "INSUFFICIENT_ACCESS"))
            with pytest.raises(DeliveryError):
                connector.remove(receipt)

    def test_a_form_says_nothing_and_removes_nothing(self, server: FakeServer) -> None:
        receipt = deliver_one(**FORM)
        assert isinstance(receipt, Receipt)
        asked = len(server.requests)
        with registry.connect("salesforce", FORM) as connector:
            assert connector.read_back(receipt) == "unprovable"
            connector.remove(receipt)
            assert connector.fields() == []
        assert len(server.requests) == asked


def test_fields_are_listed_for_the_mapping_page(org: Organization) -> None:
    with registry.connect("salesforce", STORED) as connector:
        fields = {found.name: found for found in connector.fields()}
    assert "Id" not in fields
    assert fields["LastName"].required
    assert fields["LastName"].max_length == 80
    assert fields["Product_Interest__c"].restricted
    assert fields["Product_Interest__c"].choices == ("CRM", "Analytics", "Backup")
    assert KEY not in fields
    assert {found.kind for found in fields.values()} == {
        "text", "choice", "email", "phone", "number", "boolean", "reference",
    }  # fmt: skip


def test_a_field_that_tells_leads_apart_is_offered_until_it_is_chosen() -> None:
    with registry.connect("salesforce", {**STORED, "external_id_field": ""}) as connector:
        fields = connector.fields()
    form = registry.get("salesforce").form_class()
    offer(form, fields)
    assert f'<option value="{KEY}">Marketplace Lead ID</option>' in str(form["external_id_field"])
    assert str(form).count('<option value="LastName') == 0
    assert "datalist" not in str(registry.get("salesforce").form_class())
