"""Every code and status by which Dataverse refuses lands where it should, and no unknown one is tried for ever."""

from __future__ import annotations

import json
import re

import pytest

from connectors import behaviours
from connectors.base import Receipt
from connectors.dynamics import codes, keys
from connectors.dynamics.imitation.environment import Environment, Fault
from connectors.errors import ANSWER_LIMIT, DeliveryError, Misconfigured, Rejected, Unavailable
from connectors.fakes import FakeServer
from tests.connectors.dynamics.acting import deliver, deliver_one
from tests.connectors.leads import LEAD, lead

pytestmark = pytest.mark.usefixtures("server")

CONFIG = [
    (403, "0x80072560", "The user is not a member of the organization."),
    (403, "0x80040220", "Principal user (Id=7, type=8) is missing prvCreateLead privilege"),
    (403, "0x80048306", "Principal with id 7 does not have CreateAccess right(s)"),
    (403, "0x80042f09", "SecLib::RetrievePrivilegeForUser failed - no roles are assigned to user."),
    (403, "0x80040225", "The specified user is either disabled or is not a member of any business unit."),
    (404, "0x8006088a", "Resource not found for the segment 'leads'."),
    (404, "0x80040217", "Entity 'campaign' With Id = 7 Does Not Exist"),
    (400, "0x80048d19", "Invalid property 'new_gone' was found in entity 'Microsoft.Dynamics.CRM.lead'."),
]
INVALID = [
    (400, "0x80044331", "The length of the 'subject' attribute of the 'lead' entity exceeded"),
    (400, "0x8004431a", "The value of 'leadsourcecode' attribute is outside the valid range."),
    (400, "0x8004432f", "out of range"),
    (400, "0x80044330", "out of range"),
    (400, "0x80040203", "invalid argument"),
    (400, "0x80040265", "Budget is needed"),
    (500, "0x80040265", "Budget is needed"),
]
DUPLICATE = [
    (412, "", "A record with matching key values already exists."),
    (412, "0x80040237", "Cannot insert duplicate key."),
    (412, "0x80060892", "A record that has the attribute values already exists."),
    (412, "0x80040333", "A record was not created because a duplicate exists."),
    (500, "0x80040333", "A record was not created because a duplicate exists."),
    (400, "-2147220685", "A record was not created because a duplicate exists."),
]
LIMITS = [(429, "0x80072322"), (429, "0x80072321"), (429, "0x80072326"), (429, ""), (429, "-2147015902")]
PASSING = [
    (500, "0x80044150"),
    (500, "-2147204784"),
    (500, "0x80044151"),
    (500, "-2147204783"),
    (500, "0x80040216"),
    (500, "0x8000ffff"),
    (502, ""),
    (503, ""),
    (504, ""),
    (408, ""),
]


def refused(env: Environment, status: int, code: str, message: str = "", **headers: str) -> Receipt | DeliveryError:
    env.refusals[LEAD.email] = [Fault(status, code, message, **headers) for _ in range(5)]
    return deliver_one()


class TestTheTable:
    def test_says_of_each_code_what_and_where_needed_how_to_mend_it(self) -> None:
        for code, (kind, sentence, fix) in codes.CODES.items():
            assert codes.written(code) == code
            assert sentence.endswith("."), code
            assert fix or kind == "duplicate", code

    def test_has_been_tried_whole(self) -> None:
        tried = {codes.written(row[1]) for row in (*CONFIG, *INVALID, *DUPLICATE, *LIMITS, *PASSING)}
        assert codes.CODES.keys() <= tried

    @pytest.mark.parametrize(
        ("spelt", "written"),
        [
            ("0x80040333", "0x80040333"),
            ("0X80040333", "0x80040333"),
            ("-2147220685", "0x80040333"),
            (-2147220685, "0x80040333"),
            ("2147746611", "0x80040333"),
            ("0x0", "0x00000000"),
            ("", ""),
            (None, ""),
            ("no code", ""),
            ("0x" + "f" * 40, ""),
            (["0x80040333"], ""),
        ],
    )
    def test_knows_both_spellings(self, spelt: object, written: str) -> None:
        assert codes.written(spelt) == written


class TestARefusal:
    @pytest.mark.parametrize(("status", "code", "message"), CONFIG)
    def test_that_every_lead_meets_holds_the_destination(
        self, status: int, code: str, message: str, env: Environment
    ) -> None:
        result = refused(env, status, code, message)
        assert type(result) is Misconfigured
        assert result.cause == code
        assert result.fix
        assert code in result.answer

    @pytest.mark.parametrize(("status", "code", "message"), INVALID)
    def test_of_one_lead_rejects_it_alone(self, status: int, code: str, message: str, env: Environment) -> None:
        result = refused(env, status, code, message)
        assert type(result) is Rejected
        assert (result.cause, result.status) == (code, status)
        assert message in result.answer
        assert result.fix
        assert isinstance(deliver_one(lead(1)), Receipt)

    @pytest.mark.parametrize(("status", "code", "message"), DUPLICATE)
    def test_because_it_is_there_is_a_success(self, status: int, code: str, message: str, env: Environment) -> None:
        result = refused(env, status, code, message)
        assert isinstance(result, Receipt)
        assert (result.outcome, result.status) == ("duplicate", status)

    @pytest.mark.parametrize(("status", "code"), LIMITS)
    def test_for_too_much_waits_as_long_as_it_is_told(self, status: int, code: str, env: Environment) -> None:
        result = refused(env, status, code, **{"Retry-After": "37"})
        assert isinstance(result, Unavailable)
        assert result.retry_after == 37

    @pytest.mark.parametrize(("status", "code"), LIMITS)
    def test_for_too_much_waits_a_minute_where_it_is_told_nothing(
        self, status: int, code: str, env: Environment
    ) -> None:
        result = refused(env, status, code)
        assert isinstance(result, Unavailable)
        assert result.retry_after == codes.WAIT

    @pytest.mark.parametrize(("status", "code"), PASSING)
    def test_that_passes_is_tried_again(self, status: int, code: str, env: Environment) -> None:
        assert isinstance(refused(env, status, code), Unavailable)

    @pytest.mark.parametrize(
        ("message", "named"),
        [
            ("Principal user (Id=7) is missing prvAppendCampaign privilege on OTC=4400", "prvAppendCampaign"),
            ("User does not have create permissions for the leadsourcecode attribute in the lead entity",
             "leadsourcecode"),
        ],
    )  # fmt: skip
    def test_names_what_is_lacking(self, message: str, named: str, env: Environment) -> None:
        result = refused(env, 403, "0x80040220", message)
        assert isinstance(result, Misconfigured)
        assert f"({named})." in result.sentence

    @pytest.mark.parametrize("named", ["new_x'; drop", "ö", "a" * 300, ""])
    def test_names_nothing_that_cannot_be_a_column(self, named: str, env: Environment) -> None:
        result = refused(env, 400, "0x80044331", f"The length of the '{named}' attribute exceeded")
        assert isinstance(result, Rejected)
        assert result.sentence == "Dynamics 365 found a text longer than its column."


class TestWhatIsNotKnown:
    @pytest.mark.parametrize("status", [400, 409, 412, 413, 422])
    def test_of_a_lead_is_rejected_and_not_tried_for_ever(self, status: int, env: Environment) -> None:
        result = refused(env, status, "0x8badf00d", "A rule of tomorrow")
        assert type(result) is Rejected
        assert "does not know" in result.sentence
        assert "A rule of tomorrow" in result.answer

    @pytest.mark.parametrize("status", [302, 403, 404, 405, 410])
    def test_of_the_address_or_the_user_holds(self, status: int, env: Environment) -> None:
        assert type(refused(env, status, "0x8badf00d")) is Misconfigured

    @pytest.mark.parametrize("status", [500, 501, 520, 599])
    def test_of_a_server_is_tried_again_within_bounds(self, status: int, env: Environment) -> None:
        assert isinstance(refused(env, status, "0x8badf00d"), Unavailable)

    @pytest.mark.parametrize("status", [200, 201, 202, 206])
    def test_in_an_answer_that_is_no_success_is_asked_again(self, status: int, server: FakeServer) -> None:
        deliver_one(lead(1))
        server.queue.append(behaviours.answer(status, "<html>Sign in</html>"))
        result = deliver_one()
        assert isinstance(result, Unavailable)
        assert result.cause == "unreadable"

    @pytest.mark.parametrize("body", ["", "null", "7", "[]", "{}", '{"error":7}', '{"error":{}}', "[" * 50_000, "\x00"])
    def test_in_any_body_breaks_nothing(self, body: str, server: FakeServer) -> None:
        deliver_one(lead(1))
        server.queue.append(behaviours.answer(400, body))
        assert isinstance(deliver_one(), Rejected)


class TestTheRecordThatIsThere:
    def test_is_ours_where_ours_was_sent_before(self) -> None:
        first, again = deliver_one(), deliver_one()
        assert isinstance(first, Receipt)
        assert isinstance(again, Receipt)
        assert (first.outcome, again.outcome) == ("created", "duplicate")
        assert first.remote_id == again.remote_id == keys.record_id(LEAD.id)
        assert again.remote_url.startswith("https://contoso.crm4.dynamics.com/main.aspx?")

    def test_is_another_where_the_answer_names_it(self, env: Environment) -> None:
        other = "9c0f3c1e-0d4f-4c8a-8a44-3f0f5a1b2c3d"
        result = refused(env, 412, "0x80060892", f"Entity Key violated by {other.upper()}")
        assert isinstance(result, Receipt)
        assert result.remote_id == other

    @pytest.mark.parametrize("status", [412, 500])
    def test_is_found_by_duplicate_detection_where_that_is_on(self, status: int, env: Environment) -> None:
        env.duplicate_column, env.duplicate_status = "emailaddress1", status
        assert isinstance(deliver_one(lead(1, email=LEAD.email)), Receipt)
        off, on = deliver_one(lead(2, email=LEAD.email)), deliver_one(duplicate_detection=True)
        assert isinstance(off, Receipt)
        assert isinstance(on, Receipt)
        assert (off.outcome, on.outcome, on.remote_url) == ("created", "duplicate", "")
        assert len(env.records) == 2


def test_columns_that_changed_are_read_again_and_the_lead_goes_through(env: Environment, server: FakeServer) -> None:
    deliver_one(lead(1))
    env.columns = [found for found in env.columns if found["LogicalName"] != "jobtitle"]
    assert isinstance(deliver_one(), Receipt)
    assert env.records[keys.record_id(LEAD.id)]["description"].count("Buyer") == 1
    assert len([sent for sent in server.requests if "Attributes" in sent.path]) == 8
    asked = len(server.requests)
    assert isinstance(deliver_one(lead(2)), Receipt)
    assert len(server.requests) == asked + 1


def test_a_column_that_is_mapped_and_gone_is_read_again_once(env: Environment, server: FakeServer) -> None:
    deliver_one(lead(1))
    result = deliver_one(mapping={"new_gone": "x"})
    assert type(result) is Misconfigured
    assert "(new_gone)." in result.sentence
    assert env.writes == [1, 1, 1]


def test_what_is_refused_leaves_the_others_of_its_batch_alone(env: Environment) -> None:
    env.refusals["c2@x.example"] = [Fault(400, "0x80040265", "Budget is needed")]
    env.refusals["c3@x.example"] = [Fault(412, "", "A record with matching key values already exists.")]
    env.refusals["c5@x.example"] = [Fault(429, "0x80072321", **{"Retry-After": "9"})]
    results = deliver([lead(number) for number in range(10)])
    kinds = [type(result).__name__ for result in results]
    assert kinds == ["Receipt"] * 2 + ["Rejected", "Receipt", "Receipt", "Unavailable"] + ["Receipt"] * 4
    assert isinstance(results[3], Receipt)
    assert results[3].outcome == "duplicate"
    assert env.writes == [10]
    assert len(env.records) == 7


def test_all_refused_alike_is_not_the_leads_fault(env: Environment) -> None:
    for number in range(10):
        env.refusals[f"c{number}@x.example"] = [Fault(400, "0x80040265", "Budget is needed")]
    results = deliver([lead(number) for number in range(10)])
    assert {type(result) for result in results} == {Misconfigured}


class TestABatch:
    def test_that_is_too_large_is_halved(self, env: Environment) -> None:
        env.largest_batch = 3
        results = deliver([lead(number) for number in range(10)])
        assert {type(result) for result in results} == {Receipt}
        assert sorted(env.writes) == [2, 2, 3, 3]

    def test_that_is_refused_whole_for_an_unknown_reason_is_split_to_single_leads(self, env: Environment) -> None:
        deliver_one(lead(99))
        env.faults.extend([Fault(400, "0x80060888", "no")] * 2)
        results = deliver([lead(number) for number in range(4)])
        assert {type(result) for result in results} == {Receipt}

    def test_that_is_cut_short_is_answered_as_far_as_it_goes(self, env: Environment, server: FakeServer) -> None:
        deliver_one(lead(99))
        part = "--b\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 204 No Content\r\nOData-Version: 4.0\r\n\r\n\r\n"
        server.queue.append(behaviours.answer(200, part, Content_Type="multipart/mixed; boundary=b"))
        first, *others = deliver([lead(number) for number in range(4)])
        assert isinstance(first, Receipt)
        assert {(type(other).__name__, getattr(other, "cause", "")) for other in others} == {
            ("Unanswered", "unreadable")
        }

    @pytest.mark.parametrize(
        ("content", "kind"),
        [
            (b"", "multipart/mixed; boundary=b"),
            (b"{}", "application/json"),
            (b"\x00\xff" * 500, "multipart/mixed; boundary=b"),
            (b"--b\r\n\r\nHTTP/1.1 abc\r\n\r\n--b--", "multipart/mixed; boundary=b"),
            (b"--b\r\n" * 2_000, "multipart/mixed; boundary=b"),
            (b"--b--", "multipart/mixed"),
            (
                b"--b\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 200 OK\r\n\r\n<html>",
                "multipart/mixed; boundary=b",
            ),
        ],
    )
    def test_that_is_answered_with_nonsense_delivers_nothing(
        self, content: bytes, kind: str, server: FakeServer
    ) -> None:
        deliver_one(lead(99))
        server.queue.append(behaviours.answer(200, content, Content_Type=kind))
        results = deliver([lead(number) for number in range(4)])
        assert {type(result).__name__ for result in results} == {"Unanswered"}

    def test_sends_each_lead_as_it_would_be_sent_alone(self, env: Environment, server: FakeServer) -> None:
        leads = [lead(number, first_name="Zoë\r\n--batch") for number in range(3)]
        deliver(leads)
        together = {place: dict(record) for place, record in env.records.items()}
        env.records.clear()
        for each in leads:
            deliver_one(each)
        assert env.records == together
        assert len(together) == 3

    def test_asks_to_go_on_and_tells_of_duplicate_detection(self, server: FakeServer) -> None:
        deliver([lead(1), lead(2)], duplicate_detection=True)
        [sent] = [request for request in server.requests if request.path.endswith("$batch")]
        assert sent.headers["prefer"] == "odata.continue-on-error"
        assert sent.body.count(b"MSCRM.SuppressDuplicateDetection: false") == 2
        assert sent.body.count(b"If-None-Match: *") == 2
        assert sent.body.isascii()


def test_every_request_says_who_asks_in_which_version(server: FakeServer) -> None:
    deliver_one()
    for sent in server.requests[1:]:
        assert sent.headers["authorization"].startswith("Bearer ")
        assert (sent.headers["odata-version"], sent.headers["odata-maxversion"]) == ("4.0", "4.0")
    assert len({sent.headers["x-ms-client-request-id"] for sent in server.requests[1:]}) == len(server.requests) - 1
    assert json.loads(server.requests[-1].body)["lastname"] == "Lovelace"


@pytest.mark.parametrize("refusal", ["", "Budget is needed. " * 500])
def test_the_id_by_which_support_finds_a_request_is_kept(refusal: str, env: Environment) -> None:
    result = refused(env, 400, "0x80040265", refusal) if refusal else deliver_one()
    assert re.search(r"x-ms-service-request-id: [0-9a-f-]{36}$", result.answer)
    assert len(result.answer) <= ANSWER_LIMIT
