"""The checks of a connection: each rung that fails says why, and nothing is left behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connectors import behaviours, registry
from connectors.base import Receipt
from connectors.dynamics.imitation.described import text
from connectors.dynamics.imitation.environment import PRIVILEGES, Environment, Fault
from connectors.errors import DeliveryError
from connectors.fakes import FakeServer
from tests.connectors.dynamics.acting import STORED, USER, climbed, deliver_one

pytestmark = pytest.mark.usefixtures("server")

OWNER = "7a3c7c3e-1111-4c8a-8a44-3f0f5a1b2c3d"
CAMPAIGN = "8b4d8d4f-2222-4c8a-8a44-3f0f5a1b2c3d"

Change = Callable[[Environment], object]


def without(*privileges: str) -> Change:
    return lambda env: setattr(env, "privileges", {*PRIVILEGES} - {*privileges})


def drop(env: Environment, name: str) -> None:
    env.columns = [found for found in env.columns if found["LogicalName"] != name]


def stopped(env: Environment) -> None:
    """Have a plug-in stop every lead there is."""

    class Always(dict[str, Any]):
        def get(self, *_: Any) -> Any:
            return [Fault(400, "0x80040265", "Budget is needed")]

    env.refusals = Always()


def test_all_is_well_and_nothing_stays(env: Environment, server: FakeServer) -> None:
    checks = climbed()
    assert all(check.passed for check in checks), checks
    assert not env.records
    assert checks[2].sentence == f"login.microsoftonline.com let {STORED['application_id']} in."
    assert env.user_id in checks[3].sentence
    assert checks[7].sentence.endswith("taken back with a change that is wrong on purpose.")
    assert checks[8].sentence == "A test lead was written, read back and removed."
    methods = [sent.method for sent in server.requests if "leads(" in sent.path]
    assert methods == ["PATCH", "GET", "DELETE"]


def test_a_user_is_named() -> None:
    assert climbed(**USER)[2].sentence == "login.microsoftonline.com let leads@contoso.onmicrosoft.com in."


@pytest.mark.parametrize(
    ("change", "given", "rung", "sentence", "fix"),
    [
        (lambda env: setattr(env, "client_secret", "x"), {}, "Sign-in", "refused the client secret", "Make a new"),
        (
            lambda env: setattr(env, "is_member", False),
            {},
            "User of the environment",
            "does not know our application as a user of this environment",
            "Application users",
        ),
        (
            lambda env: setattr(env, "has_role", False),
            {},
            "User of the environment",
            "no security role",
            "security role",
        ),
        (without("prvCreateLead"), {}, "Leads may be created", "not create leads", "Create on Lead"),
        (stopped, {}, "A trial write that leaves nothing", "business rule", "Read its message"),
        (
            lambda env: None,
            {"campaign_id": CAMPAIGN},
            "A trial write that leaves nothing",
            "has no record of an id in the settings",
            "owner or the campaign",
        ),
        (
            lambda env: None,
            {"owner": "team", "owner_id": OWNER},
            "A trial write that leaves nothing",
            "has no record of an id in the settings",
            "owner or the campaign",
        ),
    ],
)
def test_the_rung_that_fails_says_why(
    change: Change, given: dict[str, Any], rung: str, sentence: str, fix: str, env: Environment
) -> None:
    change(env)
    checks = climbed(**given)
    assert (checks[-1].name, checks[-1].passed) == (rung, False)
    assert sentence in checks[-1].sentence
    assert fix in checks[-1].fix
    assert not env.records


def test_owner_and_campaign_are_tried_too(env: Environment) -> None:
    env.owners, env.campaigns = {OWNER}, {CAMPAIGN}
    for owner in ("user", "team"):
        assert climbed(owner=owner, owner_id=OWNER, campaign_id=CAMPAIGN)[-1].passed


def test_a_column_that_is_mapped_must_be_writable() -> None:
    last = climbed({"new_gone": "x", "createdon": "y", "jobtitle": ""})[-1]
    assert (last.name, last.passed) == ("Mapped columns", False)
    assert last.sentence == "The mapping sends createdon, new_gone, which Dynamics 365 does not let us write."


def test_a_usual_column_that_is_hidden_is_named_and_no_fault(env: Environment) -> None:
    drop(env, "jobtitle")
    checks = climbed()
    assert checks[-1].passed
    assert "We may not write jobtitle" in checks[5].sentence


def test_a_demanded_column_that_nothing_fills_is_named_and_no_fault(env: Environment) -> None:
    env.columns.append(text("new_region", "Region", 20, RequiredLevel={"Value": "ApplicationRequired"}))
    checks = climbed()
    assert checks[-1].passed
    assert checks[6].sentence.startswith("Nothing is sent to Region (new_region).")
    assert climbed({"new_region": "EU"})[6].sentence == "Every column that the environment demands is filled."


@pytest.mark.parametrize("lacking", ["prvDeleteLead", "prvReadLead"])
def test_no_test_lead_is_written_that_could_not_be_taken_away(lacking: str, env: Environment) -> None:
    without(lacking)(env)
    last = climbed()[-1]
    assert last.passed
    assert last.sentence.startswith("Not tried: the user may not read and delete leads")
    assert not env.records


def test_a_lead_that_is_taken_and_vanishes_fails_the_last_rung(env: Environment, server: FakeServer) -> None:
    usual, seen = server.always, list[str]()

    def swallow(request: Any, line: Any) -> None:
        seen.append(request.method)
        usual(request, line)
        if request.method == "PATCH":
            env.records.clear()

    server.always = swallow
    last = climbed()[-1]
    assert (last.name, last.passed) == ("A test lead landed", False)
    assert last.sentence == "A test lead was taken, but is not there."


def test_an_environment_that_takes_the_wrong_change_is_cleaned_up(server: FakeServer, env: Environment) -> None:
    usual = server.always
    part = "--b\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n\r\n--b--"
    taken = behaviours.answer(200, part, Content_Type="multipart/mixed; boundary=b")

    def take(request: Any, line: Any) -> None:
        (taken if request.path.endswith("$batch") else usual)(request, line)

    server.always = take
    checks = climbed()
    assert checks[7].sentence == "A lead passed every rule, and was removed again."
    assert [sent.method for sent in server.requests].count("DELETE") == 2


@pytest.mark.parametrize("answer", ["[]", "{}", '{"UserId":7}', "null", "<html>"])
def test_an_answer_that_is_none_fails_its_rung(answer: str, server: FakeServer) -> None:
    server.queue.extend([server.always, behaviours.answer(200, answer)])
    last = climbed()[-1]
    assert (last.name, last.passed) == ("User of the environment", False)


class TestAfterwards:
    def test_a_lead_is_found_merged_or_missing(self, env: Environment) -> None:
        receipt = deliver_one()
        assert isinstance(receipt, Receipt)
        with registry.connect("dynamics", STORED) as connector:
            assert connector.read_back(receipt) == "landed"
            env.records[receipt.remote_id]["merged"] = True
            assert connector.read_back(receipt) == "merged"
            env.records.clear()
            assert connector.read_back(receipt) == "missing"

    def test_a_question_that_cannot_be_asked_is_an_error(self, env: Environment, server: FakeServer) -> None:
        receipt = deliver_one()
        assert isinstance(receipt, Receipt)
        env.faults.append(Fault(404, "0x8006088a", "Resource not found for the segment 'leads'."))
        for answered in (server.always, behaviours.answer(200, "[]"), behaviours.answer(503, "<html>")):
            server.queue.append(answered)
            with registry.connect("dynamics", STORED) as connector, pytest.raises(DeliveryError):
                connector.read_back(receipt)

    def test_a_test_lead_is_removed_and_once_is_enough(self, env: Environment) -> None:
        receipt = deliver_one()
        assert isinstance(receipt, Receipt)
        with registry.connect("dynamics", STORED) as connector:
            connector.remove(receipt)
            connector.remove(receipt)
            assert not env.records
            without("prvDeleteLead")(env)
            with pytest.raises(DeliveryError):
                connector.remove(receipt)


def test_columns_are_listed_for_the_mapping_page() -> None:
    with registry.connect("dynamics", STORED) as connector:
        fields = {found.name: found for found in connector.fields()}
    assert not {"leadid", "ownerid", "createdon", "fullname", "campaignid"} & fields.keys()
    assert fields["subject"].required
    assert (fields["subject"].max_length, fields["description"].max_length) == (300, 2_000)
    assert fields["new_product"].restricted
    assert fields["new_product"].choices == ("CRM", "Analytics", "Backup")
    assert fields["new_product"].label == "Product"
    assert {found.kind for found in fields.values()} == {
        "text", "choice", "email", "phone", "number", "boolean", "date",
    }  # fmt: skip
