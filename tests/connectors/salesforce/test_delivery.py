"""What is sent to Salesforce, and what becomes of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors import behaviours, registry
from connectors.base import Receipt
from connectors.errors import Misconfigured, Rejected, Unanswered, Unavailable, Uncertain
from connectors.fakes import FakeServer
from connectors.salesforce.imitation.described import KEY
from connectors.salesforce.imitation.organization import Fault, Organization, error
from tests.connectors.leads import LEAD, lead
from tests.connectors.salesforce.acting import STORED, deliver, deliver_one, deliver_within

CAMPAIGN = "7015g000000ABCDAA2"
HOST = "https://contoso.my.salesforce.com"


@pytest.fixture(autouse=True)
def _server(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.salesforce.rows.PAUSE", (0.0, 0.0))


def writes(server: FakeServer) -> list[str]:
    return [f"{sent.method} {sent.path}" for sent in server.requests if "/composite/" in sent.path]


class TestARecord:
    def test_is_the_lead_in_the_fields_that_reports_read(self, org: Organization) -> None:
        deliver_one()
        [record] = org.live()
        assert {name: value for name, value in record.items() if name not in ("Id", "IsDeleted", "IsConverted")} == {
            "MasterRecordId": None,
            KEY: LEAD.id,
            "FirstName": "Zoë",
            "LastName": "Lovelace",
            "Company": "Contoso",
            "Title": "Buyer",
            "Email": "zoe@contoso.example",
            "Phone": "+49 30 1234",
            "Country": "Germany",
            "LeadSource": "SPZA-PLT|Contoso CRM",
            "Description": "Please call.",
        }

    def test_is_mapped_over_the_defaults(self, org: Organization) -> None:
        mapping = {"Marketplace_Offer__c": "{OfferTitle}/{Extra.utm_source}", "Title": "", "HasOptedOutOfEmail": "True"}
        deliver_one(mapping=mapping)
        [record] = org.live()
        assert record["Marketplace_Offer__c"] == "Contoso CRM/news"
        assert record["HasOptedOutOfEmail"] is True
        assert "Title" not in record

    def test_that_lacks_a_detail_leaves_alone_what_is_there(self, org: Organization) -> None:
        deliver_one()
        deliver_one(replace(LEAD, phone="", title=""))
        [record] = org.live()
        assert (record["Phone"], record["Title"]) == ("+49 30 1234", "Buyer")

    def test_of_somebody_not_to_be_contacted_says_so(self, org: Organization) -> None:
        deliver_one(replace(LEAD, do_not_contact=True))
        [record] = org.live()
        assert record["HasOptedOutOfEmail"] is record["DoNotCall"] is True
        assert record["Description"].startswith("The customer asked not to be contacted.\nPlease")

    def test_tells_it_in_words_where_the_flags_are_hidden(self, org: Organization) -> None:
        org.fields = [found for found in org.fields if found["name"] not in ("HasOptedOutOfEmail", "DoNotCall")]
        assert isinstance(deliver_one(replace(LEAD, do_not_contact=True)), Receipt)
        assert org.live()[0]["Description"].startswith("The customer asked not to be contacted.")


class TestOneRequest:
    def test_upserts_two_hundred_by_their_external_id(self, org: Organization, server: FakeServer) -> None:
        results = deliver([lead(number) for number in range(200)])
        assert {getattr(result, "outcome", "") for result in results} == {"created"}
        assert writes(server) == [f"PATCH /services/data/v64.0/composite/sobjects/Lead/{KEY}"]
        again = deliver([lead(number) for number in range(200)])
        assert {getattr(result, "outcome", "") for result in again} == {"updated"}
        assert len(org.live()) == 200
        assert org.sign_ins == 1

    def test_links_each_lead_to_its_record(self, org: Organization) -> None:
        result = deliver_one()
        assert isinstance(result, Receipt)
        [record] = org.live()
        assert result.remote_id == record["Id"]
        assert result.remote_url == f"{HOST}/lightning/r/Lead/{record['Id']}/view"

    def test_answers_in_the_order_of_the_leads(self, org: Organization) -> None:
        mixed = [lead(number, is_test=number % 2 == 0) for number in range(6)]
        ids = [getattr(result, "remote_id", "") for result in deliver(mixed)]
        assert [org.records[place]["Email"] for place in ids] == [one.email for one in mixed]

    def test_assigns_test_leads_to_nobody(self, org: Organization) -> None:
        deliver([lead(1), lead(2, is_test=True)], assignment="rule", assignment_rule="01Q5g000000ABCDEAA")
        assert [write["headers"]["sforce-auto-assign"] for write in org.written] == ["01Q5g000000ABCDEAA", "FALSE"]

    @pytest.mark.parametrize(("assignment", "header"), [("default", None), ("off", "FALSE"), ("rule", None)])
    def test_says_whether_a_rule_assigns(self, assignment: str, header: str | None, org: Organization) -> None:
        deliver_one(assignment=assignment)
        assert org.written[0]["headers"].get("sforce-auto-assign") == header

    @pytest.mark.parametrize(
        ("stored", "size"), [({}, 200), ({"external_id_field": ""}, 20), ({"mode": "web_to_lead"}, 1)]
    )
    def test_holds_as_many_as_the_settings_allow(self, stored: dict[str, str], size: int) -> None:
        with registry.connect("salesforce", {**STORED, **stored}) as connector:
            assert connector.batch_size == size
            assert connector.idempotent is (size == 200)

    def test_with_fewer_results_than_leads_tells_nothing(self, server: FakeServer) -> None:
        deliver_one(lead(1))
        server.queue.append(behaviours.answer(200, "[]"))
        assert type(deliver_one()) is Unanswered


class TestWithoutAnExternalId:
    def test_creates_and_names_the_lead_in_the_description(self, org: Organization, server: FakeServer) -> None:
        deliver_one(external_id_field="")
        assert writes(server) == ["POST /services/data/v64.0/composite/sobjects"]
        assert org.live()[0]["Description"] == f"Please call.\nLead {LEAD.id}"

    @pytest.mark.parametrize("fault", ["hang", "close", "half_close", "garbage"])
    def test_what_may_have_landed_is_left_to_a_person(self, fault: str, server: FakeServer) -> None:
        deliver_one(lead(1), external_id_field="")
        server.queue.append(getattr(behaviours, fault))
        result = deliver_within(0.5, external_id_field="")
        assert type(result) is Uncertain
        assert "may or may not" in result.sentence
        assert result.fix

    @pytest.mark.parametrize("status", [500, 502, 504])
    def test_a_page_from_a_gateway_tells_nothing_either(self, status: int, server: FakeServer) -> None:
        deliver_one(lead(1), external_id_field="")
        server.queue.append(behaviours.answer(status, "<html>"))
        assert type(deliver_one(external_id_field="")) is Uncertain

    def test_an_unanswered_sign_in_leaves_nothing_uncertain(self, server: FakeServer) -> None:
        server.queue.append(behaviours.close)
        assert type(deliver_one(external_id_field="")) is Unavailable


class TestDuplicates:
    @pytest.fixture(autouse=True)
    def _there_already(self, org: Organization) -> None:
        deliver_one(replace(LEAD, id="0" * 36, title="Old", description="A salesman's note"))
        org.duplicate_rule = "Email"

    def test_are_left_alone_and_count_as_delivered(self, org: Organization) -> None:
        result = deliver_one(duplicates="accept")
        assert isinstance(result, Receipt)
        assert (result.outcome, result.remote_id) == ("duplicate", org.live()[0]["Id"])
        assert [record["Title"] for record in org.live()] == ["Old"]

    def test_are_brought_up_to_date_but_for_notes_and_source(self, org: Organization) -> None:
        result = deliver_one(replace(LEAD, action="INS"), duplicates="update")
        assert isinstance(result, Receipt)
        assert result.outcome == "updated"
        [record] = org.live()
        assert (record["Title"], record["Description"]) == ("Buyer", "A salesman's note")
        assert (record["LeadSource"], record[KEY]) == ("SPZA-PLT|Contoso CRM", "0" * 36)

    def test_are_updated_once_by_two_leads_of_one_request(self, org: Organization) -> None:
        twins = [replace(LEAD, id="1" * 36, title="First"), replace(LEAD, id="2" * 36, title="Second")]
        outcomes = [getattr(result, "outcome", "") for result in deliver(twins, duplicates="update")]
        assert outcomes == ["updated", "duplicate"]
        assert org.live()[0]["Title"] == "First"

    def test_that_cannot_be_updated_are_refused_for_that_reason(self, org: Organization) -> None:
        org.live()[0]["IsConverted"] = True
        result = deliver_one(duplicates="update")
        assert isinstance(result, Receipt)
        assert result.outcome == "duplicate"
        org.live()[0]["IsConverted"] = False
        org.refusals[LEAD.email] = [error("FIELD_CUSTOM_VALIDATION_EXCEPTION")]
        org.duplicate_rule = ""
        assert isinstance(deliver_one(duplicates="update"), Rejected)

    def test_are_saved_where_the_rule_only_warns(self, org: Organization) -> None:
        result = deliver_one(duplicates="save")
        assert isinstance(result, Receipt)
        assert (result.outcome, len(org.live())) == ("created", 2)
        assert "allowSave=true" in org.written[-1]["headers"]["sforce-duplicate-rule-header"]

    def test_are_not_saved_where_the_rule_blocks(self, org: Organization) -> None:
        org.rule_blocks = True
        result = deliver_one(duplicates="save")
        assert isinstance(result, Receipt)
        assert (result.outcome, len(org.live())) == ("duplicate", 1)

    def test_are_rejected_where_a_person_decides(self, org: Organization) -> None:
        result = deliver_one(duplicates="reject")
        assert type(result) is Rejected
        assert result.cause == "duplicates-detected"


class TestACampaign:
    def test_gets_every_lead_as_a_member_once(self, org: Organization) -> None:
        org.campaigns[CAMPAIGN] = "Marketplace"
        for _ in range(2):
            results = deliver([lead(number) for number in range(3)], campaign_id=CAMPAIGN)
            assert {type(result) for result in results} == {Receipt}
        assert org.members == {(CAMPAIGN, record["Id"]) for record in org.live()}

    def test_that_is_gone_costs_no_lead(self, org: Organization) -> None:
        result = deliver_one(campaign_id=CAMPAIGN)
        assert isinstance(result, Receipt)
        assert result.answer.startswith("The lead landed, but was not added to the campaign: Salesforce does not let")

    def test_that_is_away_is_tried_again_with_the_lead(self, org: Organization, server: FakeServer) -> None:
        org.campaigns[CAMPAIGN] = "Marketplace"
        deliver_one(lead(1))
        once = server.always
        server.queue.extend([once, behaviours.answer(503, '[{"errorCode": "SERVER_UNAVAILABLE"}]')])
        assert isinstance(deliver_one(campaign_id=CAMPAIGN), Unavailable)
        assert isinstance(deliver_one(campaign_id=CAMPAIGN), Receipt)
        assert len(org.members) == 1

    def test_that_is_away_does_not_double_a_lead_without_a_key(self, org: Organization, server: FakeServer) -> None:
        deliver_one(lead(1), external_id_field="")
        once = server.always
        server.queue.extend([once, behaviours.answer(503, '[{"errorCode": "SERVER_UNAVAILABLE"}]')])
        assert isinstance(deliver_one(campaign_id=CAMPAIGN, external_id_field=""), Receipt)


class TestASession:
    def test_that_has_ended_is_renewed_and_the_request_keeps_its_headers(self, org: Organization) -> None:
        deliver_one(lead(1))
        org.sessions.clear()
        assert isinstance(deliver_one(duplicates="save"), Receipt)
        assert org.sign_ins == 2
        assert "allowSave=true" in org.written[-1]["headers"]["sforce-duplicate-rule-header"]

    def test_that_is_never_good_costs_two_sign_ins(self, org: Organization, server: FakeServer) -> None:
        org.faults.extend([Fault(401, "INVALID_SESSION_ID")] * 300)
        results = deliver([lead(number) for number in range(200)])
        assert {type(result) for result in results} == {Misconfigured}
        assert org.sign_ins == 2
        assert len(server.requests) == 4

    def test_sign_in_is_refused_without_a_second_one(self, org: Organization) -> None:
        org.client_secret = "another"
        result = deliver_one()
        assert isinstance(result, Misconfigured)
        assert result.sentence == "Salesforce refused the consumer secret."
        assert org.sign_ins == 1

    def test_goes_to_the_instance_that_the_sign_in_names(self, org: Organization, server: FakeServer) -> None:
        org.host = "contoso--dev.sandbox.my.salesforce.com"
        result = deliver_one()
        assert isinstance(result, Receipt)
        assert result.remote_url.startswith(f"https://{org.host}/")
        assert {sent.headers["host"] for sent in server.requests[1:]} == {org.host}


class TestTheFieldsOfTheOrganization:
    def test_are_read_once(self, server: FakeServer) -> None:
        for number in range(3):
            deliver_one(lead(number))
        assert [sent.path for sent in server.requests].count("/services/data/v64.0/sobjects/Lead/describe") == 1

    def test_are_read_again_after_salesforce_knew_one_of_them_no_more(
        self, org: Organization, server: FakeServer
    ) -> None:
        deliver_one()
        org.fields = [found for found in org.fields if found["name"] != "Title"]
        assert isinstance(deliver_one(), Misconfigured)
        assert isinstance(deliver_one(), Receipt)

    def test_that_cannot_be_read_stop_nothing_for_good(self, server: FakeServer) -> None:
        server.queue.extend([server.always, behaviours.answer(200, '{"fields": 7}')])
        assert isinstance(deliver_one(), Unavailable)
        assert isinstance(deliver_one(), Receipt)

    def test_that_are_demanded_and_empty_are_named_before_anything_is_sent(self, org: Organization) -> None:
        next(found for found in org.fields if found["name"] == "Industry")["nillable"] = False
        result = deliver_one()
        assert isinstance(result, Rejected)
        assert result.sentence == "Salesforce demands Industry (Industry), and this lead has none."
        assert not org.written
