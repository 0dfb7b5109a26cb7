"""How the portal signs in, and what becomes of a sign-in that is refused."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from azure.core.exceptions import ResourceExistsError

from connectors import registry
from connectors.azure_table.azurite import Azurite
from connectors.azure_table.fake.tables import FakeTables
from connectors.base import Check, Connector, Receipt
from connectors.errors import Misconfigured
from connectors.fakes import FakeServer
from connectors.samples import sample_lead
from tests.connectors.azure_table.conftest import Deliver, lead
from tests.connectors.azure_table.signatures import account_signature, table_signature
from tests.connectors.azure_table.worlds import (
    AS_APPLICATION,
    BY_KEY,
    CONNECTION_STRING,
    Directory,
    directly,
    refusing,
    rows_of,
)

WRONG_KEY = BY_KEY | {"connection_string": CONNECTION_STRING.replace("AccountKey=", "AccountKey=AAAA")}


def check(stored: dict[str, Any]) -> list[Check]:
    with registry.connect("azure_table", stored) as connector:
        return list(connector.checks())


class TestAsApplication:
    def test_signs_in_once_for_many_leads(self, entra: FakeServer, directory: Directory, deliver: Deliver) -> None:
        for number in range(3):
            [result] = deliver(lead(number), stored=AS_APPLICATION)
            assert isinstance(result, Receipt)
        assert len(directory.issued) == 1
        assert {request.headers["host"] for request in entra.requests} == {
            "login.microsoftonline.com",
            "contosoleads.table.core.windows.net",
        }

    def test_refused_token_is_renewed_once_and_the_lead_lands(
        self, entra: FakeServer, directory: Directory, deliver: Deliver
    ) -> None:
        deliver(lead(1), stored=AS_APPLICATION)
        directory.refused.update(directory.issued)
        results = deliver(lead(2), lead(3), stored=AS_APPLICATION)
        assert [type(result) for result in results] == [Receipt] * 2
        assert len(directory.issued) == 2

    @pytest.mark.parametrize("threads", [1, 4])
    def test_lasting_refusal_signs_in_twice_at_most(
        self, threads: int, entra: FakeServer, directory: Directory
    ) -> None:
        directory.refuses_all = True
        with registry.connect("azure_table", AS_APPLICATION) as connector, ThreadPoolExecutor(threads) as pool:
            found = list(pool.map(lambda number: connector.deliver([lead(number)])[0], range(12)))
        assert {(type(result), getattr(result, "cause", "")) for result in found} == {(Misconfigured, "sign-in")}
        assert len(directory.issued) == 2

    def test_wrong_secret_signs_in_once(self, entra: FakeServer, directory: Directory, deliver: Deliver) -> None:
        [result] = deliver(lead(), stored=AS_APPLICATION | {"application_key": "wrong"})
        assert isinstance(result, Misconfigured)
        assert result.cause == "sign-in"
        assert [request.headers["host"] for request in entra.requests] == ["login.microsoftonline.com"]

    def test_role_that_is_missing_is_no_matter_of_the_token(
        self, entra: FakeServer, directory: Directory, deliver: Deliver
    ) -> None:
        deliver(lead(1), stored=AS_APPLICATION)
        entra.queue.append(refusing(403, "AuthorizationPermissionMismatch"))
        [result] = deliver(lead(2), stored=AS_APPLICATION)
        assert isinstance(result, Misconfigured)
        assert result.cause == "permission"
        assert "Storage Table Data Contributor" in result.fix
        assert len(directory.issued) == 1

    def test_check_names_the_directory(self, entra: FakeServer) -> None:
        assert check(AS_APPLICATION)[2].sentence == (
            f"login.microsoftonline.com issued a token for {AS_APPLICATION['application_id']}."
        )

    def test_lasting_refusal_in_a_check_signs_in_twice_at_most(self, entra: FakeServer, directory: Directory) -> None:
        directory.refuses_all = True
        assert [rung.passed for rung in check(AS_APPLICATION)] == [True, True, True, False]
        assert len(directory.issued) <= 2


class TestWithAKey:
    @pytest.mark.parametrize("world", ["azure", "azurite"])
    def test_wrong_one_is_for_the_publisher(self, world: str, request: pytest.FixtureRequest, deliver: Deliver) -> None:
        request.getfixturevalue(world)
        for leads in ([lead(1)], [lead(1), lead(2)]):
            results = deliver(*leads, stored=WRONG_KEY)
            assert {(type(result), getattr(result, "cause", "")) for result in results} == {(Misconfigured, "sign-in")}
        assert [rung.passed for rung in check(WRONG_KEY)] == [True, True, True, False]

    def test_check_leaves_nothing(self, azurite: FakeServer, azurite_server: Azurite) -> None:
        table = "CheckedLeads"
        rungs = check(BY_KEY | {"table_name": table})
        assert [rung.passed for rung in rungs] == [True] * 5
        assert rungs[3].sentence == (
            "The table CheckedLeads was made. It takes rows: a trial was written and taken back whole."
        )
        assert rungs[4].sentence == "A test lead was written to CheckedLeads, read back and removed."
        assert list(directly(azurite_server, table).list_entities()) == []


class TestWithASignature:
    """The fake holds requests to what a signature allows. Azurite does too, but takes no transaction of one table's."""

    @pytest.fixture(autouse=True)
    def _world(self, azure: FakeServer, account: FakeTables) -> None:
        self.tables = account.tables
        self.tables["signedleads"] = {}

    def stored(self, connection_string: str) -> dict[str, str]:
        return BY_KEY | {"connection_string": connection_string, "table_name": "SignedLeads"}

    @pytest.mark.parametrize("rights", ["au", "raud"])
    def test_for_the_table_is_enough(self, rights: str, deliver: Deliver) -> None:
        stored = self.stored(table_signature(rights, "SignedLeads"))
        assert [type(result) for result in deliver(lead(1), lead(2), stored=stored)] == [Receipt] * 2
        assert len(self.tables["signedleads"]) == 2

    def test_that_may_not_read_or_delete_writes_no_test_lead(self) -> None:
        rungs = check(self.stored(table_signature("au", "SignedLeads")))
        assert [rung.passed for rung in rungs] == [True] * 5
        assert rungs[4].sentence.startswith("Not tried: the signature does not allow reading and deleting")
        assert self.tables["signedleads"] == {}

    @pytest.mark.parametrize("leads", [1, 2])
    def test_for_one_table_cannot_make_it(self, leads: int, deliver: Deliver) -> None:
        del self.tables["signedleads"]
        sent = [lead(number) for number in range(leads)]
        stored = self.stored(table_signature("raud", "SignedLeads"))
        for problem in deliver(*sent, stored=stored):
            assert isinstance(problem, Misconfigured)
            assert problem.cause == "table"
            assert "Make a table of this name" in problem.fix
        failed = check(stored)[-1]
        assert (failed.passed, failed.name) == (False, "Table takes rows")

    def test_for_the_account_makes_the_table(self, deliver: Deliver) -> None:
        del self.tables["signedleads"]
        assert [type(result) for result in deliver(lead(1), lead(2), stored=self.stored(account_signature()))] == [
            Receipt
        ] * 2

    def test_that_has_ended_is_for_the_publisher(self, deliver: Deliver) -> None:
        stored = self.stored(account_signature(days=-2))
        [result] = deliver(lead(), stored=stored)
        assert isinstance(result, Misconfigured)
        assert result.cause == "sign-in"
        failed = check(stored)[-1]
        assert failed.name == "Sign-in"
        ended = datetime.now(UTC) - timedelta(days=2)
        assert failed.sentence == f"The shared access signature ended on {ended:%Y-%m-%d}."
        assert failed.fix

    def test_that_ends_soon_says_so(self) -> None:
        soon, later = (check(self.stored(account_signature(days=days)))[2] for days in (7, 60))
        assert "7 days from now. Make a new signature" in soon.sentence
        assert later.sentence.endswith("60 days from now.")

    @pytest.mark.parametrize(
        ("change", "sentence"),
        [
            (("se=", "st=2099-01-01T08%3A00%3A00Z&se="), "is good from 2099-01-01 08:00 UTC on only."),
            (("tn=SignedLeads", "tn=OtherLeads"), "is for another table than SignedLeads."),
        ],
    )
    def test_that_cannot_work_is_not_tried(self, change: tuple[str, str], sentence: str, azure: FakeServer) -> None:
        signature = table_signature(table="SignedLeads").replace(*change)
        failed = check(self.stored(signature))[-1]
        assert (failed.name, failed.sentence) == ("Sign-in", f"The shared access signature {sentence}")
        assert not azure.requests

    def test_of_a_stored_policy_says_no_end(self) -> None:
        kept = [part for part in table_signature(table="SignedLeads").split("&") if part[:3] != "sp="]
        text = "&".join(kept).replace("SharedAccessSignature=se=", "SharedAccessSignature=si=leads&x=")
        assert check(self.stored(text))[2].sentence.startswith("A stored access policy says how long")

    def test_is_in_no_log(self, deliver: Deliver, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.DEBUG):
            deliver(lead(1), lead(2), stored=self.stored(account_signature()))
        assert "sig=" not in caplog.text

    def test_that_may_not_read_proves_nothing(self, deliver: Deliver) -> None:
        stored = self.stored(table_signature("au", "SignedLeads"))
        [receipt] = deliver(lead(), stored=stored)
        assert isinstance(receipt, Receipt)
        with registry.connect("azure_table", stored) as connector:
            assert connector.read_back(receipt) == "unprovable"
            connector.remove(receipt)
        assert len(self.tables["signedleads"]) == 1


@pytest.mark.parametrize("signature", [account_signature(), account_signature("au"), table_signature("au")])
def test_azurite_takes_a_signature_for_one_lead(
    signature: str, azurite: FakeServer, azurite_server: Azurite, deliver: Deliver
) -> None:
    with suppress(ResourceExistsError):
        directly(azurite_server).create_table()
    [result] = deliver(lead(), stored=BY_KEY | {"connection_string": signature})
    assert isinstance(result, Receipt)


@pytest.mark.parametrize("leads", [1, 2])
def test_azurite_makes_the_table_for_an_account_signature(
    leads: int, azurite: FakeServer, azurite_server: Azurite, deliver: Deliver
) -> None:
    table = f"MadeFor{leads}"
    stored = BY_KEY | {"connection_string": account_signature(), "table_name": table}
    assert [type(result) for result in deliver(*map(lead, range(leads)), stored=stored)] == [Receipt] * leads
    assert len(list(directly(azurite_server, table).list_entities())) == leads


def test_azurite_does_not_make_the_table_for_a_table_signature(azurite: FakeServer, deliver: Deliver) -> None:
    stored = BY_KEY | {"connection_string": table_signature(table="NeverMade"), "table_name": "NeverMade"}
    [result] = deliver(lead(), stored=stored)
    assert isinstance(result, Misconfigured)
    assert result.cause == "table"


class TestLooking:
    @pytest.fixture
    def connector(self, azurite: FakeServer) -> Iterator[Connector[Any]]:
        with registry.connect("azure_table", BY_KEY) as connector:
            yield connector

    def test_finds_what_landed_until_it_is_removed(self, connector: Connector[Any]) -> None:
        [receipt] = connector.deliver([sample_lead()])
        assert isinstance(receipt, Receipt)
        assert receipt.remote_id.startswith("__test/")
        assert connector.read_back(receipt) == "landed"
        connector.remove(receipt)
        assert connector.read_back(receipt) == "missing"
        connector.remove(receipt)

    def test_in_a_table_that_is_gone_finds_nothing(self, azurite: FakeServer) -> None:
        with registry.connect("azure_table", BY_KEY | {"table_name": "GoneLeads"}) as connector:
            assert connector.read_back(Receipt(remote_id="2026-11-22/7")) == "missing"

    def test_with_a_wrong_key_is_an_error(self, azurite: FakeServer) -> None:
        with registry.connect("azure_table", WRONG_KEY) as connector, pytest.raises(Misconfigured):
            connector.read_back(Receipt(remote_id="2026-11-22/7"))


def test_one_request_for_one_lead(azure: FakeServer, deliver: Deliver) -> None:
    deliver(lead())
    assert [rows_of(request) for request in azure.requests] == [[lead().id]]
