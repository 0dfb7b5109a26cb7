"""Every code by which Salesforce refuses lands where the reference says, and is one that Salesforce has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import simple_salesforce

from connectors import behaviours
from connectors.base import Receipt
from connectors.errors import DeliveryError, Misconfigured, Rejected, Unavailable
from connectors.fakes import FakeServer
from connectors.salesforce import codes
from connectors.salesforce.imitation.organization import Fault, Organization, error
from connectors.salesforce.outcomes import ALIKE
from tests.connectors.leads import LEAD, lead
from tests.connectors.salesforce.acting import deliver, deliver_one

pytestmark = pytest.mark.usefixtures("server")

EXEMPT = {
    *("API_DISABLED_FOR_ORG", "INVALID_LOGIN", "JSON_PARSER_ERROR", "REQUEST_LIMIT_EXCEEDED", "SERVER_UNAVAILABLE"),
    *("TXN_SECURITY_METERING_ERROR", "UNSUPPORTED_API_VERSION"),
}
CONFIG = (
    *("INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS_OR_READONLY", "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"),
    *("INSUFFICIENT_ACCESS_TO_INSIGHTSEXTERNALDATA", "INVALID_TYPE", "INVALID_FIELD"),
    *("INVALID_FIELD_FOR_INSERT_UPDATE", "INVALID_EXTERNAL_ID_FIELD_NAME", "STORAGE_LIMIT_EXCEEDED"),
)
INVALID = (
    *("REQUIRED_FIELD_MISSING", "STRING_TOO_LONG", "INVALID_EMAIL_ADDRESS", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
    *("FIELD_CUSTOM_VALIDATION_EXCEPTION", "FIELD_INTEGRITY_EXCEPTION", "NUMBER_OUTSIDE_VALID_RANGE"),
    *("FIELD_FILTER_VALIDATION_EXCEPTION", "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "APEX_FAILED"),
    *("CANNOT_EXECUTE_FLOW_TRIGGER", "A_CODE_OF_TOMORROW"),
)
PASSING = (
    *("UNABLE_TO_LOCK_ROW", "QUERY_TIMEOUT", "UNKNOWN_EXCEPTION", "ALL_OR_NONE_OPERATION_ROLLED_BACK"),
    "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE",
)
DUPLICATE = ("DUPLICATES_DETECTED", "DUPLICATE_VALUE", "DUPLICATE_EXTERNAL_ID", "CANNOT_UPDATE_CONVERTED_LEAD")


@pytest.fixture(autouse=True)
def _no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.salesforce.rows.PAUSE", (0.0, 0.0))


def refused(org: Organization, code: str, message: str = "", times: int = 5) -> Receipt | DeliveryError:
    """Deliver a lead that the organization refuses with a code."""
    org.refusals[LEAD.email] = [error(code, message, ("Industry", "no field; drop"))] * times
    return deliver_one()


def cut_off(org: Organization, status: int, code: str, message: str = "") -> Receipt | DeliveryError:
    """Deliver a lead by a request that is refused as a whole, after a describe that was not."""
    deliver_one(lead(1))
    org.faults.extend([Fault(status, code, message)] * 3)
    return deliver_one()


class TestTheTable:
    def test_names_codes_of_records_that_the_shipped_wsdl_has(self) -> None:
        wsdl = (Path(simple_salesforce.__file__).parent / "metadata.wsdl").read_text()
        start = wsdl.index('<xsd:simpleType name="StatusCode">')
        known = set(re.findall(r'enumeration value="(\w+)"', wsdl[start : wsdl.index("</xsd:simpleType>", start)]))
        assert len(known) == 592
        assert codes.CODES.keys() - known == EXEMPT == codes.OF_REQUESTS

    def test_says_of_each_code_what_and_where_needed_how_to_mend_it(self) -> None:
        for code, (kind, sentence, fix) in codes.CODES.items():
            assert sentence.endswith("."), code
            assert fix or kind in ("session", "duplicate") or code == "UNSUPPORTED_API_VERSION", code


class TestARecord:
    @pytest.mark.parametrize("code", CONFIG)
    def test_holds_the_destination(self, code: str, org: Organization) -> None:
        assert type(refused(org, code)) is Misconfigured

    @pytest.mark.parametrize("code", INVALID)
    def test_is_rejected_alone(self, code: str, org: Organization) -> None:
        result = refused(org, code)
        assert type(result) is Rejected
        assert result.sentence.startswith("Salesforce ")
        assert "(Industry)" in result.sentence
        assert result.cause == code.lower().replace("_", "-")
        assert code in result.answer
        assert result.fix

    @pytest.mark.parametrize("code", DUPLICATE)
    def test_is_there_already(self, code: str, org: Organization) -> None:
        result = refused(org, code)
        assert isinstance(result, Receipt)
        assert result.outcome == "duplicate"

    @pytest.mark.parametrize("code", PASSING)
    def test_is_tried_again_at_once_and_then_later(self, code: str, org: Organization) -> None:
        assert isinstance(refused(org, code, times=2), Receipt)
        assert [request["size"] for request in org.written] == [1, 1, 1]
        org.records.clear()
        org.keyed.clear()
        assert type(refused(org, code)) is Unavailable

    def test_that_a_trigger_stopped_by_a_lock_is_tried_again(self, org: Organization) -> None:
        message = (
            "LeadTrigger: execution of AfterInsert caused by: UNABLE_TO_LOCK_ROW, unable to obtain exclusive access"
        )
        assert type(refused(org, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message)) is Unavailable
        assert len(org.written) == 3

    def test_refused_leaves_the_others_alone(self, org: Organization) -> None:
        org.refusals["c2@x.example"] = [error("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Budget is needed")]
        results = deliver([lead(number) for number in range(5)])
        assert [type(result) for result in results] == [Receipt, Receipt, Rejected, Receipt, Receipt]
        assert len(org.live()) == 4
        assert len(org.written) == 1

    def test_refused_like_all_others_is_not_the_leads_fault(self, org: Organization) -> None:
        for number in range(ALIKE):
            org.refusals[f"c{number}@x.example"] = [error("REQUIRED_FIELD_MISSING", fields=("Industry",))]
        results = deliver([lead(number) for number in range(ALIKE)])
        assert {type(result) for result in results} == {Misconfigured}
        assert {result.sentence for result in results if isinstance(result, Misconfigured)} == {
            "Salesforce demands a field that is empty (Industry)."
        }


class TestARequest:
    @pytest.mark.parametrize(
        ("status", "code", "message", "expected"),
        [
            (401, "INVALID_SESSION_ID", "", Misconfigured),
            (403, "API_DISABLED_FOR_ORG", "", Misconfigured),
            (400, "INVALID_LOGIN", "", Misconfigured),
            (403, "INSUFFICIENT_ACCESS", "", Misconfigured),
            (400, "INVALID_TYPE", "", Misconfigured),
            (400, "INVALID_FIELD", "", Misconfigured),
            (400, "INVALID_EXTERNAL_ID_FIELD_NAME", "", Misconfigured),
            (404, "NOT_FOUND", "", Misconfigured),
            (410, "UNSUPPORTED_API_VERSION", "", Misconfigured),
            (410, "GONE", "", Misconfigured),
            (300, "", "", Misconfigured),
            (400, "A_CODE_OF_TOMORROW", "", Misconfigured),
            (403, "TXN_SECURITY_METERING_ERROR", "", Misconfigured),
            (400, "JSON_PARSER_ERROR", "", Rejected),
            (403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", Unavailable),
            (503, "SERVER_UNAVAILABLE", "", Unavailable),
            (500, "UNKNOWN_EXCEPTION", "", Unavailable),
            (400, "QUERY_TIMEOUT", "", Unavailable),
        ],
    )
    def test_refused_with_a_code(
        self, status: int, code: str, message: str, expected: type[DeliveryError], org: Organization
    ) -> None:
        result = cut_off(org, status, code, message)
        assert type(result) is expected
        assert result.status == status
        assert result.sentence

    @pytest.mark.parametrize("status", [406, 408, 420, 429, 500, 502, 503])
    def test_refused_without_a_code(self, status: int, server: FakeServer, org: Organization) -> None:
        deliver_one(lead(1))
        server.queue.append(behaviours.answer(status, "<html>busy</html>", Retry_After="11"))
        result = deliver_one()
        assert isinstance(result, Unavailable)
        assert result.retry_after == 11

    def test_answered_by_a_page_comes_from_something_in_front(self, server: FakeServer, org: Organization) -> None:
        deliver_one(lead(1))
        server.queue.append(behaviours.answer(403, "\n<!doctype html><h1>Maintenance</h1>"))
        assert type(deliver_one()) is Unavailable

    @pytest.mark.parametrize(
        ("message", "seconds"),
        [
            ("TotalRequests Limit exceeded.", 3_600),
            ("ConcurrentPerOrgLongTxn Limit exceeded.", 30),
            ("ConcurrentRequests (Concurrent API Requests) Limit exceeded.", 30),
        ],
    )
    def test_over_a_limit_waits_as_long_as_that_limit_lasts(
        self, message: str, seconds: float, org: Organization
    ) -> None:
        result = cut_off(org, 403, "REQUEST_LIMIT_EXCEEDED", message)
        assert isinstance(result, Unavailable)
        assert result.retry_after == seconds

    def test_the_day_ends_when_the_requests_do(self, org: Organization) -> None:
        org.requests_a_day = 1
        result = deliver_one()
        assert isinstance(result, Unavailable)
        assert result.retry_after == 3_600
        assert result.cause == "request-limit-exceeded"


class TestTooMuchAtOnce:
    def test_is_halved_until_it_passes(self, org: Organization) -> None:
        org.automation = 30
        results = deliver([lead(number) for number in range(200)])
        assert {type(result) for result in results} == {Receipt}
        assert len(org.live()) == 200
        assert [request["size"] for request in org.written][:3] == [200, 100, 50]
        assert len(org.written) == 15

    def test_stops_where_even_one_is_too_much(self, org: Organization) -> None:
        org.automation = 0
        results = deliver([lead(number) for number in range(3)])
        assert {type(result) for result in results} == {Rejected}
        assert [request["size"] for request in org.written] == [3, 2, 1, 1, 1]

    def test_leaves_the_rest_for_later_when_time_runs_out(
        self, org: Organization, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        org.automation = 1
        monkeypatch.setattr("connectors.salesforce.rows.ENOUGH", 60.0)
        results = deliver([lead(number) for number in range(4)])
        assert {type(result) for result in results} == {Unavailable}
        assert len(org.written) == 1

    def test_one_that_spoils_the_request_is_found(self, org: Organization) -> None:
        deliver_one(lead(99))
        org.faults.extend([Fault(400, "JSON_PARSER_ERROR"), Fault(400, "JSON_PARSER_ERROR")])
        results = deliver([lead(number) for number in range(4)])
        assert {type(result) for result in results} == {Receipt}
