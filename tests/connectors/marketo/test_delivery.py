"""What Marketo is sent, and what becomes of it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from pytest_django.fixtures import Settings
from redis import Redis

from connectors import behaviours, registry, store
from connectors.base import Receipt
from connectors.errors import Misconfigured, Rejected, Unanswered, Unsent
from connectors.fakes import FakeServer
from connectors.marketo import in_flight
from connectors.marketo.imitation.subscription import Subscription
from connectors.samples import sample_lead
from tests.connectors.leads import LEAD, lead
from tests.connectors.marketo.acting import FORM, STORED, deliver, deliver_one, deliver_within, paths

SECOND = replace(LEAD, id="second", email="ZOE@Contoso.example", title="", company="Contoso Ltd", action="INS")


@pytest.fixture(autouse=True)
def _server(server: FakeServer) -> None:
    """Stand behind every host."""


def sent(server: FakeServer) -> list[Any]:
    """List the bodies that wrote people."""
    return [request.json() for request in server.requests if b'"input"' in request.body]


class TestARequest:
    def test_synchronises_by_email(self, server: FakeServer) -> None:
        deliver_one()
        [request] = [each for each in server.requests if b'"input"' in each.body]
        assert (request.method, request.path) == ("POST", "/rest/v1/leads.json")
        assert request.headers["host"] == "123-abc-456.mktorest.com"
        assert request.json() == {
            "action": "createOrUpdate",
            "lookupField": "email",
            "input": [
                {
                    "email": "zoe@contoso.example",
                    "firstName": "Zoë",
                    "lastName": "Lovelace",
                    "phone": "+49 30 1234",
                    "country": "Germany",
                    "company": "Contoso",
                    "title": "Buyer",
                    "leadSource": "SPZA-PLT|Contoso CRM",
                }
            ],
        }

    def test_names_the_partition(self, server: FakeServer, subscription: Subscription) -> None:
        deliver_one(partition="Europe")
        assert sent(server)[0]["partitionName"] == "Europe"
        assert len(subscription.live()) == 1

    def test_is_pushed_to_a_program(self, server: FakeServer, subscription: Subscription) -> None:
        deliver([lead(number) for number in range(3)], program="Marketplace")
        assert paths(server)[-1] == "/rest/v1/leads/push.json"
        assert sent(server)[0].keys() == {"programName", "lookupField", "input"}
        assert [each["program"] for each in subscription.activities] == ["Marketplace"] * 3

    def test_has_its_token_in_the_header_alone(self, server: FakeServer, subscription: Subscription) -> None:
        deliver_one()
        signed = [each for each in server.requests if "authorization" in each.headers]
        assert {each.headers["authorization"] for each in signed} == {f"Bearer {subscription.identity.token}"}
        assert not [each for each in server.requests if subscription.identity.token in each.path]
        assert not [each for each in server.requests if STORED["client_secret"] in each.path]

    def test_takes_three_hundred_leads_and_asks_for_fields_once(self, server: FakeServer) -> None:
        for start in (0, 300):
            results = deliver([lead(number) for number in range(start, start + 300)])
            assert {type(result) for result in results} == {Receipt}
        assert paths(server) == ["/rest/v1/leads/describe.json"] + ["/rest/v1/leads.json"] * 2

    def test_maps_to_fields_that_the_publisher_picks(self, subscription: Subscription) -> None:
        mapping = {"marketplaceAction": "{ActionCode}", "marketplaceOffer": "{OfferId}", "title": "", "industry": "IT"}
        deliver_one(mapping=mapping)
        [person] = subscription.live()
        assert (person["marketplaceAction"], person["marketplaceOffer"]) == ("PLT", "contoso.crm")
        assert person["industry"] == "IT"
        assert "title" not in person


class TestAReceipt:
    def test_tells_new_from_known(self, subscription: Subscription) -> None:
        first, second = deliver_one(), deliver_one()
        assert isinstance(first, Receipt)
        assert isinstance(second, Receipt)
        assert (first.outcome, second.outcome) == ("created", "updated")
        assert first.remote_id == second.remote_id == "100"

    def test_links_to_the_record_where_the_server_is_known(self) -> None:
        with_server, without = deliver_one(server_id="ab12"), deliver_one()
        assert isinstance(with_server, Receipt)
        assert isinstance(without, Receipt)
        assert with_server.remote_url == "https://app-ab12.marketo.com/leadDatabase/loadLeadDetail?leadId=100"
        assert without.remote_url == ""

    @pytest.mark.parametrize("person", ["//evil.example", "7/../8", "-1", 0, True, None, "٣", {"a": 1}])
    def test_keeps_no_id_that_is_none(self, person: object, server: FakeServer) -> None:
        deliver_one()
        body = {"success": True, "result": [{"id": person, "status": "created"}]}
        server.queue.append(lambda _, line: line.write(_http(body)))
        result = deliver_one(server_id="ab12")
        assert isinstance(result, Receipt)
        assert (result.remote_id, result.remote_url) == ("", "")

    def test_is_read_back_and_removed(self, subscription: Subscription) -> None:
        with registry.connect("marketo", STORED) as connector:
            [receipt] = connector.deliver([sample_lead()])
            assert isinstance(receipt, Receipt)
            assert connector.read_back(receipt) == "landed"
            connector.remove(receipt)
            assert connector.read_back(receipt) == "missing"
            assert connector.read_back(Receipt()) == "unprovable"
        assert subscription.live() == []

    def test_of_somebody_who_was_merged_is_found_by_another_id(self, server: FakeServer) -> None:
        with registry.connect("marketo", STORED) as connector:
            deliver_one()
            body = {"success": True, "result": [{"id": 7, "email": LEAD.email}]}
            server.queue.append(lambda _, line: line.write(_http(body)))
            assert connector.read_back(Receipt(remote_id="100")) == "merged"

    def test_of_a_real_person_removes_nobody(self, subscription: Subscription) -> None:
        with registry.connect("marketo", STORED) as connector:
            [receipt] = connector.deliver([LEAD])
            assert isinstance(receipt, Receipt)
            connector.remove(receipt)
        assert len(subscription.live()) == 1


class TestEqualAddresses:
    def test_are_folded_into_one_record(self, subscription: Subscription) -> None:
        results = deliver([LEAD, lead(1), SECOND])
        assert [type(result) for result in results] == [Receipt] * 3
        assert [result.outcome for result in results if isinstance(result, Receipt)] == [
            "created",
            "created",
            "updated",
        ]
        assert [each["size"] for each in subscription.written] == [2]
        person = subscription.people[100]
        assert (person["company"], person["title"]) == ("Contoso Ltd", "Buyer")
        assert person["leadSource"] == "SPZA-INS|Contoso CRM"

    def test_keep_the_wish_not_to_be_contacted(self, subscription: Subscription) -> None:
        deliver([replace(LEAD, do_not_contact=True), SECOND])
        assert subscription.people[100]["unsubscribed"] is True

    def test_are_tried_apart_where_the_folded_one_is_refused(self, subscription: Subscription) -> None:
        subscription.refusals["ZOE@contoso.example"] = [("1003", "Invalid")] * 2
        results = deliver([LEAD, SECOND, lead(1)])
        assert [type(result) for result in results] == [Receipt, Rejected, Receipt]
        assert [each["size"] for each in subscription.written] == [2, 1, 1]

    def test_sent_by_several_at_once_make_one_person(self, subscription: Subscription) -> None:
        subscription.takes = 0.2
        with ThreadPoolExecutor(4) as threads:
            batches = [[LEAD, lead(number)] for number in range(4)]
            results = [result for batch in threads.map(deliver, batches) for result in batch]
        assert {type(result) for result in results} == {Receipt}
        assert len(subscription.found(LEAD.email)) == 1
        assert len(subscription.live()) == 5

    def test_would_make_two_without_that(self, subscription: Subscription, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(in_flight, "ask", lambda _, __: [True, True])
        subscription.takes = 0.2
        deliver([lead(8), lead(9)])
        with ThreadPoolExecutor(2) as threads:
            list(threads.map(deliver, [[LEAD, lead(1)], [LEAD, lead(2)]]))
        assert len(subscription.found(LEAD.email)) == 2

    def test_make_one_person_while_redis_is_away(
        self, subscription: Subscription, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(store, "_away_until", 0.0)
        settings.REDIS_URL = "unix:///nowhere/redis.sock"
        subscription.takes = 0.2
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(deliver, [[LEAD, lead(number)] for number in range(4)]))
        assert len(subscription.found(LEAD.email)) == 1

    def test_held_elsewhere_for_too_long_wait_unspent(self, subscription: Subscription) -> None:
        with in_flight.hold(STORED["munchkin_id"], [LEAD.email], 30):
            waits, sent = deliver_within(1.0, [LEAD, lead(1)])
        assert isinstance(waits, Unsent)
        assert waits.cause == "same-person"
        assert isinstance(sent, Receipt)

    def test_that_were_not_answered_are_held_for_a_while(self, server: FakeServer, redis: Redis) -> None:
        deliver_one(lead(1))
        server.queue.append(behaviours.close)
        assert isinstance(deliver_one(), Unanswered)
        assert len(redis.keys("flight:*")) == 1
        [waits] = deliver_within(0.5, [LEAD])
        assert isinstance(waits, Unsent)

    def test_of_another_subscription_do_not_wait(self) -> None:
        with in_flight.hold("999-XYZ-999", [LEAD.email], 30):
            assert isinstance(deliver_one(), Receipt)

    def test_are_given_back_and_cannot_be_read_meanwhile(self, redis: Redis) -> None:
        with in_flight.hold("123-ABC-456", [LEAD.email, "c@x.example"], 30) as held:
            assert held.emails == {LEAD.email, "c@x.example"}
            names = redis.keys("flight:*")
            assert len(names) == 2
            assert not [name for name in names if "zoe" in str(name)]
        assert redis.keys("flight:*") == []

    def test_held_by_a_worker_that_died_come_back(self, redis: Redis) -> None:
        with in_flight.hold("123-ABC-456", [LEAD.email], 30):
            [name] = redis.keys("flight:*")
            assert 0 < redis.pttl(name) <= 30_001


class TestALead:
    def test_without_an_address_is_rejected_with_a_sentence(self, server: FakeServer) -> None:
        results = deliver([replace(LEAD, email=""), lead(1)])
        assert isinstance(results[0], Rejected)
        assert results[0].sentence == "Marketo knows people by their e-mail address, and this lead has none."
        assert isinstance(results[1], Receipt)

    def test_alone_without_an_address_costs_no_write(self, server: FakeServer) -> None:
        deliver_one(replace(LEAD, email=" "))
        assert sent(server) == []

    def test_of_who_must_not_be_contacted_says_so(self, subscription: Subscription) -> None:
        deliver([replace(LEAD, do_not_contact=True), lead(1)])
        assert (subscription.people[100]["unsubscribed"], subscription.people[100]["doNotCall"]) == (True, True)
        assert "unsubscribed" not in subscription.people[101]

    def test_never_takes_back_that_somebody_is_unsubscribed(self, subscription: Subscription) -> None:
        subscription.add({"email": LEAD.email, "unsubscribed": True})
        deliver_one()
        assert subscription.people[100]["unsubscribed"] is True

    def test_wipes_nothing_out(self, subscription: Subscription) -> None:
        subscription.add({"email": LEAD.email, "title": "Chief"})
        deliver_one(replace(LEAD, title=""))
        assert subscription.people[100]["title"] == "Chief"


class TestAMapping:
    def test_to_a_field_that_is_not_there_holds_the_destination(self, server: FakeServer) -> None:
        result = deliver_one(mapping={"favouriteColour": "{Title}"})
        assert isinstance(result, Misconfigured)
        assert result.sentence == "The mapping sends favouriteColour, which Marketo does not let us write."
        assert sent(server) == []

    def test_to_a_field_that_is_read_only_holds_it_too(self) -> None:
        assert isinstance(deliver_one(mapping={"inferredCountry": "{Country}"}), Misconfigured)

    def test_to_a_field_that_was_added_today_is_found(self, subscription: Subscription) -> None:
        deliver_one()
        subscription.fields.append(
            {"id": 99, "displayName": "New", "dataType": "string", "rest": {"name": "newField", "readOnly": False}}
        )
        assert isinstance(deliver_one(mapping={"newField": "{Title}"}), Receipt)

    def test_to_a_field_that_was_removed_today_is_noticed(self, subscription: Subscription, server: FakeServer) -> None:
        mapping = {"marketplaceOffer": "{OfferTitle}"}
        deliver_one(mapping=mapping)
        subscription.fields = [each for each in subscription.fields if each["rest"]["name"] != "marketplaceOffer"]
        first, second = deliver_one(mapping=mapping), deliver_one(mapping=mapping)
        assert isinstance(first, Misconfigured)
        assert first.sentence == "Marketo does not know a field that is sent (marketplaceOffer)."
        assert isinstance(second, Misconfigured)
        assert paths(server).count("/rest/v1/leads/describe.json") == 2

    def test_lists_the_fields_that_may_be_written(self) -> None:
        with registry.connect("marketo", STORED) as connector:
            fields = {field.name: field for field in connector.fields()}
        assert not {"email", "id", "unsubscribed", "doNotCall", "createdAt", "inferredCountry"} & fields.keys()
        assert (fields["title"].label, fields["title"].max_length) == ("Job Title", 255)
        assert fields["marketplaceNotes"].max_length == 2_000
        assert fields["address"].max_length == 30_000
        assert fields["marketplaceSeats"].kind == "number"

    def test_of_a_form_lists_what_the_form_asks_for(self, subscription: Subscription) -> None:
        subscription.forms[1179].fields[5] |= {
            "required": True,
            "fieldMetaData": {"values": [{"label": "Choose", "value": ""}, {"label": "CTO", "value": "CTO"}]},
        }
        with registry.connect("marketo", {**STORED, **FORM}) as connector:
            fields = {field.name: field for field in connector.fields()}
        assert "industry" not in fields
        assert fields["title"].required
        assert fields["title"].choices == ("CTO",)


def _http(body: object) -> bytes:
    content = json.dumps(body).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(content), content)
