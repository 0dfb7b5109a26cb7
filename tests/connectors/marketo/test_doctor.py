"""The rungs of "Check connection": each passes, or says what is wrong and who mends it where; nobody is changed."""

from __future__ import annotations

from typing import Any

import pytest

from connectors import behaviours
from connectors.base import Check
from connectors.fakes import FakeServer
from connectors.marketo.doctor import RUNGS
from connectors.marketo.imitation.described import form_fields
from connectors.marketo.imitation.subscription import Fault, Subscription
from tests.connectors.marketo.acting import FORM, check


@pytest.fixture(autouse=True)
def _server(server: FakeServer) -> None:
    """Stand behind every host."""


def said(name: str, mapping: dict[str, str] | None = None, **settings: Any) -> str:
    """Climb all rungs, and return what was said on one."""
    checks = check(mapping, **settings)
    assert [each.name for each in checks if each.passed] == list(RUNGS), checks[-1]
    return next(each.sentence for each in checks if each.name == name)


def failed(mapping: dict[str, str] | None = None, **settings: Any) -> Check:
    last = check(mapping, **settings)[-1]
    assert last.passed is False
    assert last.fix
    return last


def test_nobody_is_changed(subscription: Subscription) -> None:
    check()
    check(**FORM)
    assert (subscription.people, subscription.written, subscription.activities) == ({}, [], [])


def test_a_probe_is_an_update_of_nobody(server: FakeServer) -> None:
    check()
    [probe] = [request.json() for request in server.requests if b"probe.invalid" in request.body]
    assert (probe["action"], probe["lookupField"], len(probe["input"])) == ("updateOnly", "email", 1)


class TestSaying:
    def test_whom_marketo_takes_us_for(self) -> None:
        assert said("Sign-in") == "Marketo let us in as portal@contoso.example."

    def test_how_many_fields_there_are(self, subscription: Subscription) -> None:
        assert said("Fields may be read") == f"The API user may read {len(subscription.fields)} fields of people."

    def test_that_nothing_takes_the_customers_words(self) -> None:
        assert said("Fields that are sent").endswith(
            "Nothing takes the customer's words: map {Description} to a text area of yours to have them."
        )

    def test_nothing_more_where_something_does(self) -> None:
        sentence = said("Fields that are sent", {"marketplaceNotes": "{Description}"})
        assert sentence == "Every field that is mapped can be written."

    def test_what_a_form_leaves_out(self, subscription: Subscription) -> None:
        subscription.forms[1179].fields = [each for each in form_fields() if each["id"] not in ("Title", "DoNotCall")]
        assert "Not sent, because the form does not have it: title." in said("Fields that are sent", **FORM)
        assert said("Form", **FORM) == (
            "The form Marketplace leads is approved. Add to it, hidden: doNotCall. Until then leads that must not be"
            " contacted are kept here."
        )

    def test_that_no_form_is_used(self) -> None:
        assert said("Form") == "None is used: leads are synchronised."

    def test_which_program_leads_come_in_by(self) -> None:
        assert said("Program") == "None is chosen."
        assert said("Program", program="Marketplace") == "Leads come in by the program Marketplace."
        assert said("Program", **FORM, program="1107") == "Leads come in by the program Marketplace."

    def test_that_a_program_could_not_be_looked_at(self, subscription: Subscription) -> None:
        subscription.denied.add("assets")
        assert "could not be seen" in said("Program", program="Marketplace")

    def test_which_partition_leads_go_into(self) -> None:
        assert said("Partition") == "None is chosen, so leads go into the default one."
        assert said("Partition", partition="Europe") == "The API user may use the partition Europe."

    def test_how_many_calls_there_were_today(self) -> None:
        sentence = said("Calls today")
        assert sentence.startswith("1,123 calls were made today, 3 of them by our API user.")

    def test_that_calls_could_not_be_counted(self, subscription: Subscription) -> None:
        subscription.denied.add("usage")
        assert "could not be seen" in said("Calls today")


class TestFailing:
    def test_where_the_client_is_refused(self, subscription: Subscription) -> None:
        subscription.identity.client_secret = "right"
        problem = failed()
        assert (problem.name, problem.sentence) == ("Sign-in", "Marketo refused the client secret.")

    def test_where_fields_may_not_be_read(self, subscription: Subscription) -> None:
        subscription.denied.add("read")
        problem = failed()
        assert (problem.name, problem.sentence) == (
            "Fields may be read",
            "Marketo does not let the API user do this.",
        )
        assert "Read-Write Person" in problem.fix

    def test_where_people_may_be_read_but_not_written(self, subscription: Subscription) -> None:
        subscription.denied.add("write")
        problem = failed()
        assert (problem.name, problem.sentence) == (
            "Leads may be written",
            "The API user may see people, but not write them.",
        )

    def test_where_the_mapping_names_no_field(self) -> None:
        problem = failed({"favouriteColour": "{Title}"})
        assert problem.name == "Fields that are sent"
        assert "favouriteColour" in problem.sentence

    def test_where_the_form_is_not_there(self) -> None:
        assert failed(mode="form", form_id="7").name == "Form"

    def test_where_the_form_is_a_draft(self, subscription: Subscription) -> None:
        subscription.forms[1179].status = "draft"
        problem = failed(**FORM)
        assert problem.sentence == "The form Marketplace leads is a draft."

    def test_where_the_form_may_not_be_looked_at(self, subscription: Subscription) -> None:
        subscription.denied.add("assets")
        problem = failed(**FORM)
        assert problem.sentence == "Marketo does not let the API user look at forms."
        assert "Read-Only Assets" in problem.fix

    def test_where_the_form_asks_for_no_address(self, subscription: Subscription) -> None:
        subscription.forms[1179].fields = [each for each in form_fields() if each["id"] != "Email"]
        assert failed(**FORM).sentence == "The form does not ask for an e-mail address."

    @pytest.mark.parametrize("given", [{"program": "Elsewhere"}, {**FORM, "program": "7"}])
    def test_where_the_program_is_not_there(self, given: dict[str, Any]) -> None:
        assert failed(**given).name == "Program"

    def test_where_the_partition_is_not_there(self) -> None:
        problem = failed(partition="Asia")
        assert problem.sentence == "The API user has no partition Asia."
        assert problem.fix == "Choose one of Default, Europe."

    def test_where_the_day_is_used_up(self, subscription: Subscription) -> None:
        subscription.meter.a_day = 0
        assert "no calls left for today" in failed().sentence

    @pytest.mark.parametrize("row", [{"id": 1, "status": "updated"}, {"status": "skipped", "reasons": []}, 7])
    def test_where_the_probe_is_answered_strangely(self, row: object, server: FakeServer) -> None:
        usual = server.always

        def strange(request: Any, line: Any) -> None:
            answer = behaviours.answer(200, {"success": True, "result": [row]})
            (answer if b"probe.invalid" in request.body else usual)(request, line)

        server.always = strange
        assert failed().name == "Leads may be written"

    @pytest.mark.parametrize("calls", range(4))
    def test_whichever_call_is_refused(self, calls: int, subscription: Subscription, server: FakeServer) -> None:
        usual = server.always
        seen: list[str] = []

        def refusing(request: Any, line: Any) -> None:
            seen.extend([request.path] if "/identity/" not in request.path else [])
            if len(seen) == calls + 1:
                subscription.faults.append(Fault("608"))
            usual(request, line)

        server.always = refusing
        assert failed(partition="Europe").passed is False
