"""What each answer means: every row of the vendor's table of errors, for one lead and for a transaction."""

from __future__ import annotations

import socket

import pytest
from pytest_django.fixtures import Settings

from connectors import addresses, behaviours
from connectors.azure_table import unknown_hosts
from connectors.azure_table.fake.tables import FakeTables
from connectors.base import Receipt
from connectors.errors import DeliveryError, Misconfigured, Rejected, Unanswered, Unavailable
from connectors.fakes import Behaviour, FakeServer, Line, Recorded
from tests.connectors.azure_table.conftest import Deliver, lead
from tests.connectors.azure_table.worlds import HOST, refusing, rows_of

CONCERNS_ALL = {
    "AuthenticationFailed": (403, Misconfigured, "sign-in"),
    "InvalidAuthenticationInfo": (401, Misconfigured, "sign-in"),
    "AuthorizationFailure": (403, Misconfigured, "sign-in"),
    "NoAuthenticationInformation": (401, Misconfigured, "sign-in"),
    "AuthorizationPermissionMismatch": (403, Misconfigured, "permission"),
    "InsufficientAccountPermissions": (403, Misconfigured, "permission"),
    "AuthorizationSourceIPMismatch": (403, Misconfigured, "network"),
    "AccountIsDisabled": (403, Misconfigured, "account-disabled"),
    "TableBeingDeleted": (409, Unavailable, "table-being-deleted"),
    "ServerBusy": (503, Unavailable, "busy"),
    "OperationTimedOut": (500, Unavailable, "away"),
    "InternalError": (500, Unavailable, "away"),
}
CONCERNS_ONE = (
    "InvalidInput",
    "PropertyValueTooLarge",
    "EntityTooLarge",
    "TooManyProperties",
    "PropertyNameInvalid",
    "KeyValueTooLarge",
    "OutOfRangeInput",
)
WITHOUT_A_CODE = {
    302: (Misconfigured, "redirect"),
    400: (Rejected, "row"),
    401: (Misconfigured, "sign-in"),
    403: (Misconfigured, "sign-in"),
    408: (Unavailable, "away"),
    409: (Unavailable, "away"),
    413: (Rejected, "too-large"),
    429: (Unavailable, "busy"),
    500: (Unavailable, "away"),
    502: (Unavailable, "away"),
    503: (Unavailable, "away"),
}
STRANGE: dict[str, Behaviour] = {
    "200 and HTML": behaviours.answer(200, "<html>Sign in to the guest network</html>"),
    "JSON of another shape": behaviours.answer(400, {"odata.error": {"code": "X", "message": "not an object"}}),
    "deep JSON": behaviours.answer(200, b"[" * 60_000),
    "half a multipart": behaviours.answer(202, "--batch\r\n", Content_Type="multipart/mixed; boundary=batch"),
    "202 without anything": behaviours.answer(202),
}


@pytest.mark.parametrize("leads", [1, 3])
@pytest.mark.parametrize("code", CONCERNS_ALL)
def test_error_that_concerns_all(code: str, leads: int, deliver: Deliver, azure: FakeServer) -> None:
    status, kind, cause = CONCERNS_ALL[code]
    azure.always = refusing(status, code)
    results = deliver(*(lead(number) for number in range(leads)))
    assert {(type(result), result.cause) for result in problems(results)} == {(kind, cause)}
    assert len(results) == leads
    assert len(azure.requests) == 1
    [problem] = set(problems(results))
    assert HOST in problem.sentence or "table MarketplaceLeads" in problem.sentence
    assert problem.fix
    assert problem.status == status
    assert code in problem.answer


@pytest.mark.parametrize("code", CONCERNS_ONE)
def test_error_that_concerns_one_lead_leaves_the_others(
    code: str, deliver: Deliver, azure: FakeServer, account: FakeTables
) -> None:
    azure.queue.append(refusing(400, code, index=1))
    first, second, third = deliver(lead(1), lead(2), lead(3))
    assert isinstance(first, Receipt)
    assert isinstance(third, Receipt)
    assert isinstance(second, Rejected)
    assert (second.cause, second.status) == ("row", 400)
    assert [rows_of(request) for request in azure.requests] == [
        [lead(1).id, lead(2).id, lead(3).id],
        [lead(1).id, lead(3).id],
    ]
    assert len(account.tables["marketplaceleads"]) == 2


@pytest.mark.parametrize("code", CONCERNS_ONE)
def test_error_of_a_lead_alone(code: str, deliver: Deliver, azure: FakeServer) -> None:
    azure.always = refusing(400, code)
    [result] = deliver(lead())
    assert isinstance(result, Rejected)
    assert len(azure.requests) == 1


@pytest.mark.parametrize("status", WITHOUT_A_CODE)
def test_status_without_a_code(status: int, deliver: Deliver, azure: FakeServer) -> None:
    kind, cause = WITHOUT_A_CODE[status]
    azure.always = refusing(status)
    for leads in (1, 3):
        results = deliver(*(lead(number) for number in range(leads)))
        assert {(type(result), result.cause) for result in problems(results)} == {(kind, cause)}
        assert len(results) == leads


@pytest.mark.parametrize("name", STRANGE)
@pytest.mark.parametrize("leads", [1, 3])
def test_answer_that_is_not_azures_is_tried_again_later(
    name: str, leads: int, deliver: Deliver, azure: FakeServer
) -> None:
    azure.always = STRANGE[name]
    results = deliver(*(lead(number) for number in range(leads)))
    assert len(results) == leads
    assert all(isinstance(result, Unavailable) and result.fix for result in results), results


def test_row_that_is_there_already_is_a_success(deliver: Deliver, azure: FakeServer) -> None:
    azure.queue += [refusing(409, "EntityAlreadyExists", index=0)]
    first, second = deliver(lead(1), lead(2))
    assert isinstance(first, Receipt)
    assert isinstance(second, Receipt)
    assert (first.outcome, second.outcome) == ("duplicate", "created")
    assert first.remote_id == f"2026-11-22/{lead(1).id}"


def test_refusal_that_names_no_row_is_found_by_halving(deliver: Deliver, azure: FakeServer) -> None:
    healthy, bad = azure.always, lead(5).id

    def behave(request: Recorded, line: Line) -> None:
        (refusing(400, "InvalidInput") if bad in rows_of(request) else healthy)(request, line)

    azure.always = behave
    results = deliver(*(lead(number) for number in range(8)))
    assert [type(result) for result in results] == [Receipt] * 5 + [Rejected] + [Receipt] * 2


def test_body_that_is_too_large_is_halved(deliver: Deliver, azure: FakeServer) -> None:
    azure.queue += [refusing(413, "RequestBodyTooLarge")]
    assert [type(result) for result in deliver(*(lead(n) for n in range(5)))] == [Receipt] * 5
    assert [len(rows_of(request)) for request in azure.requests] == [5, 2, 3]


def test_lead_that_is_too_large_alone_is_rejected(deliver: Deliver, azure: FakeServer) -> None:
    azure.always = refusing(413, "RequestBodyTooLarge")
    [result] = deliver(lead())
    assert isinstance(result, Rejected)
    assert result.cause == "too-large"


@pytest.mark.parametrize("status", [429, 503])
def test_named_wait_is_kept(status: int, deliver: Deliver, azure: FakeServer) -> None:
    azure.always = refusing(status, "ServerBusy", Retry_After="17")
    [result] = deliver(lead())
    assert isinstance(result, Unavailable)
    assert result.retry_after == 17


def test_table_that_is_being_deleted_is_given_its_time(deliver: Deliver, azure: FakeServer) -> None:
    azure.always = refusing(409, "TableBeingDeleted")
    [result] = deliver(lead())
    assert isinstance(result, Unavailable)
    assert result.retry_after == 40


class TestAMissingTable:
    @pytest.fixture(autouse=True)
    def _no_table(self, account: FakeTables) -> None:
        account.tables.clear()

    @pytest.mark.parametrize("leads", [1, 3])
    def test_is_made_once_and_the_leads_sent_again(self, leads: int, deliver: Deliver, azure: FakeServer) -> None:
        results = deliver(*(lead(number) for number in range(leads)))
        assert [type(result) for result in results] == [Receipt] * leads
        assert [bool(rows_of(request)) for request in azure.requests] == [True, False, True]

    def test_that_we_may_not_make_is_for_the_publisher(self, deliver: Deliver, azure: FakeServer) -> None:
        azure.queue += [azure.always, refusing(403, "AuthorizationPermissionMismatch")]
        [result] = deliver(lead())
        assert isinstance(result, Misconfigured)
        assert result.cause == "table"
        assert "MarketplaceLeads" in result.sentence
        assert "may not make it" in result.sentence

    def test_that_somebody_else_makes_meanwhile_is_there(
        self, deliver: Deliver, azure: FakeServer, account: FakeTables
    ) -> None:
        def somebody_made_it(request: Recorded, line: Line) -> None:
            account.tables["marketplaceleads"] = {}
            refusing(409, "TableAlreadyExists")(request, line)

        azure.queue += [azure.always, somebody_made_it]
        [result] = deliver(lead())
        assert isinstance(result, Receipt)

    def test_that_cannot_be_made_now_is_tried_later(self, deliver: Deliver, azure: FakeServer) -> None:
        azure.queue += [azure.always, refusing(409, "TableBeingDeleted")]
        [result] = deliver(lead())
        assert isinstance(result, Unavailable)
        assert result.cause == "table-being-deleted"


class TestANameWithoutAddress:
    @pytest.fixture(autouse=True)
    def _resolver(self, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
        settings.OUTBOUND_CONNECT_TO = ""
        self.error = socket.gaierror(socket.EAI_NONAME, "Name or service not known")

        def look_up(_: str) -> list[addresses.IPAddress]:
            raise self.error

        monkeypatch.setattr(addresses, "look_up", look_up)

    def test_is_called_wrong_after_some_tries(self, deliver: Deliver) -> None:
        found = [deliver(lead())[0] for _ in range(unknown_hosts.TRIES)]
        assert [type(result) for result in found] == [Unavailable] * (unknown_hosts.TRIES - 1) + [Misconfigured]
        [problem] = problems(found[-1:])
        assert problem.sentence == f"There is no storage account at {HOST}."
        assert problem.cause == "no-account"

    def test_is_never_called_wrong_while_the_resolver_is_away(self, deliver: Deliver) -> None:
        self.error = socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        found = [deliver(lead())[0] for _ in range(unknown_hosts.TRIES + 1)]
        assert {type(result) for result in found} == {Unavailable}


@pytest.mark.parametrize("leads", [1, 3])
def test_no_answer_may_have_landed_and_is_harmless_to_repeat(leads: int, deliver: Deliver, azure: FakeServer) -> None:
    azure.always = behaviours.close
    results = deliver(*(lead(number) for number in range(leads)))
    assert {type(result) for result in results} == {Unanswered}


def problems(results: list[Receipt | DeliveryError]) -> list[DeliveryError]:
    return [result for result in results if isinstance(result, DeliveryError)]
