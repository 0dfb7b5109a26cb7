"""Every code by which Marketo refuses lands where the reference says; one that nobody knows is bounded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from redis import Redis

from connectors import behaviours
from connectors.base import Receipt
from connectors.errors import DeliveryError, Misconfigured, Rejected, Unanswered, Unavailable, Unsent
from connectors.fakes import FakeServer
from connectors.marketo import codes, pace
from connectors.marketo.imitation.subscription import Fault, Subscription
from connectors.marketo.outcomes import ALIKE
from tests.connectors.leads import LEAD, lead
from tests.connectors.marketo.acting import FORM, deliver, deliver_one, paths

pytestmark = pytest.mark.usefixtures("server")

CONFIG = ("603", "605", "609", "610", "612", "613", "616", "701", "702", "703", "704", "709", "414")
PASSING = ("500", "502", "604", "608", "611", "614", "713", "719", "799", "650", "12345", "")
LIMITS = ("606", "607", "615")
INVALID_RECORD = ("1001", "1002", "1003", "1004", "1007", "1012", "1037", "1999")
CONFIG_RECORD = ("1006", "1008", "1009", "1010", "1011", "1013", "1018")


def refused(subscription: Subscription, code: str, message: str = "", times: int = 3) -> Receipt | DeliveryError:
    """Deliver a lead whose record Marketo leaves out."""
    subscription.refusals[LEAD.email] = [(code, message)] * times
    return deliver_one()


def cut_off(subscription: Subscription, code: str, message: str = "", status: int = 200) -> Receipt | DeliveryError:
    """Deliver a lead by a request that is refused as a whole, after a describe that was not."""
    deliver_one(lead(1))
    subscription.faults.extend([Fault(code, message, status)] * 3)
    return deliver_one()


def test_the_table_says_of_each_code_what_and_where_needed_how_to_mend_it() -> None:
    for code, (kind, sentence, fix, _) in codes.CODES.items():
        assert sentence.endswith("."), code
        assert fix or kind == "duplicate", code


class TestARequest:
    @pytest.mark.parametrize("code", CONFIG)
    def test_that_is_wrong_holds_the_destination(self, code: str, subscription: Subscription) -> None:
        result = cut_off(subscription, code)
        assert type(result) is Misconfigured
        assert result.cause == f"marketo-{code}"
        assert result.fix

    @pytest.mark.parametrize("code", PASSING)
    def test_that_may_pass_later_rests_it(self, code: str, subscription: Subscription) -> None:
        result = cut_off(subscription, code)
        assert type(result) is Unavailable
        assert result.cause == f"marketo-{code or 'unknown'}"

    @pytest.mark.parametrize("code", LIMITS)
    def test_over_a_limit_spends_no_try(self, code: str, subscription: Subscription) -> None:
        assert type(cut_off(subscription, code)) is Unsent

    @pytest.mark.parametrize("code", ["1003", "1001", "1999"])
    def test_with_one_lead_that_is_invalid_rejects_it(self, code: str, subscription: Subscription) -> None:
        assert type(cut_off(subscription, code)) is Rejected

    @pytest.mark.parametrize("code", ["1001", "1003", "1006", "1009", "1999"])
    def test_with_several_leads_that_is_invalid_is_not_the_leads_fault(
        self, code: str, subscription: Subscription
    ) -> None:
        deliver_one(lead(1))
        subscription.faults.append(Fault(code))
        assert {type(result) for result in deliver([lead(number) for number in range(3)])} == {Misconfigured}

    def test_with_several_errors_is_judged_by_the_gravest(self, subscription: Subscription, server: FakeServer) -> None:
        deliver_one(lead(1))
        errors = [{"code": "1003", "message": "x"}, {"code": "603", "message": "Access denied"}]
        server.queue.append(behaviours.answer(200, {"success": False, "errors": errors}))
        result = deliver_one()
        assert isinstance(result, Misconfigured)
        assert result.cause == "marketo-603"

    @pytest.mark.parametrize("status", [408, 429, 500, 502, 503])
    def test_refused_by_status_may_have_landed(self, status: int, server: FakeServer) -> None:
        deliver_one(lead(1))
        server.queue.append(behaviours.answer(status, "<html>busy</html>", Retry_After="11"))
        result = deliver_one()
        assert isinstance(result, Unanswered)
        assert result.retry_after == 11

    @pytest.mark.parametrize("status", [301, 400, 403, 404, 410])
    def test_refused_by_another_status_holds_the_destination(self, status: int, server: FakeServer) -> None:
        deliver_one(lead(1))
        server.queue.append(behaviours.answer(status, "<html>"))
        result = deliver_one()
        assert type(result) is Misconfigured
        assert result.cause == f"http-{status}"

    @pytest.mark.parametrize("body", ["", "<html>", "[]", "null", '{"success": true}', '{"success": "yes"}', "{}"])
    def test_answered_by_nothing_that_can_be_read_may_have_landed(self, body: str, server: FakeServer) -> None:
        deliver_one(lead(1))
        server.queue.append(behaviours.answer(200, body))
        assert type(deliver_one()) is Unanswered

    @pytest.mark.parametrize("rows", [[], [{"id": 1, "status": "created"}] * 2, [7], ["created"], [None]])
    def test_answered_with_another_number_of_rows_may_have_landed(self, rows: list[object], server: FakeServer) -> None:
        deliver_one(lead(1))
        server.queue.append(behaviours.answer(200, {"success": True, "result": rows}))
        assert type(deliver_one()) is Unanswered


class TestALimit:
    def test_of_twenty_seconds_is_waited_out_by_all(self, subscription: Subscription, server: FakeServer) -> None:
        result = cut_off(subscription, "606")
        assert isinstance(result, Unsent)
        assert result.retry_after == 20
        came = len(server.requests)
        other = deliver_one(client_id="another-client")
        assert isinstance(other, Unsent)
        assert other.retry_after == pytest.approx(20, abs=2)
        assert len(server.requests) == came

    def test_of_calls_at_once_is_waited_out_for_a_moment(self, subscription: Subscription) -> None:
        result = cut_off(subscription, "615")
        assert isinstance(result, Unsent)
        assert result.retry_after is not None
        assert 1 <= result.retry_after <= 5

    def test_of_the_day_ends_at_midnight_in_chicago(self, subscription: Subscription, server: FakeServer) -> None:
        deliver_one(lead(1))
        subscription.meter.a_day = subscription.meter.today
        result = deliver_one()
        assert isinstance(result, Unsent)
        assert result.cause == "marketo-607"
        now = datetime.now(UTC)
        assert result.retry_after == pytest.approx((pace.reset(now) - now).total_seconds(), abs=2)
        came = len(server.requests)
        assert isinstance(deliver_one(), Unsent)
        assert len(server.requests) == came

    @pytest.mark.parametrize(
        ("now", "reset"),
        [
            ("2026-11-22T10:00:00+00:00", "2026-11-23T06:00:00+00:00"),
            ("2026-07-01T04:59:00+00:00", "2026-07-01T05:00:00+00:00"),
            ("2026-07-01T05:00:00+00:00", "2026-07-02T05:00:00+00:00"),
            ("2026-03-07T23:00:00+00:00", "2026-03-08T06:00:00+00:00"),
            ("2026-03-08T12:00:00+00:00", "2026-03-09T05:00:00+00:00"),
        ],
    )
    def test_of_the_day_heeds_summer_time(self, now: str, reset: str) -> None:
        assert pace.reset(datetime.fromisoformat(now)) == datetime.fromisoformat(reset)

    def test_of_the_day_is_not_shortened_by_a_lesser_one(self, subscription: Subscription) -> None:
        both = pace.Pace("123-ABC-456")
        both.heed(Unsent("", cause="marketo-607"))
        both.heed(Unsent("", cause="marketo-606", retry_after=20))
        result = deliver_one()
        assert isinstance(result, Unsent)
        assert result.retry_after
        assert timedelta(seconds=result.retry_after) > timedelta(seconds=20)

    def test_of_one_subscription_is_not_anothers(self, subscription: Subscription, redis: Redis) -> None:
        cut_off(subscription, "606")
        subscription.faults.clear()
        assert isinstance(deliver_one(munchkin_id="999-XYZ-999"), Receipt)


class TestARecord:
    @pytest.mark.parametrize("code", INVALID_RECORD)
    def test_is_rejected_alone(self, code: str, subscription: Subscription) -> None:
        subscription.refusals["c2@x.example"] = [(code, "something of zoe@contoso.example")]
        results = deliver([lead(number) for number in range(5)])
        assert [type(result) for result in results] == [Receipt, Receipt, Rejected, Receipt, Receipt]
        rejected = results[2]
        assert isinstance(rejected, Rejected)
        assert rejected.cause == f"marketo-{code}"
        assert rejected.sentence.startswith("Marketo ")
        assert "zoe" not in rejected.sentence
        assert code in rejected.answer
        assert rejected.fix
        assert len(subscription.written) == 1

    @pytest.mark.parametrize("code", CONFIG_RECORD)
    def test_holds_the_destination(self, code: str, subscription: Subscription) -> None:
        assert type(refused(subscription, code)) is Misconfigured

    def test_names_the_field_that_is_not_there(self, subscription: Subscription) -> None:
        result = refused(subscription, "1006", "Field 'favouriteColour' not found")
        assert isinstance(result, Misconfigured)
        assert result.sentence == "Marketo does not know a field that is sent (favouriteColour)."

    def test_is_there_already(self, subscription: Subscription) -> None:
        result = refused(subscription, "1005")
        assert isinstance(result, Receipt)
        assert result.outcome == "duplicate"

    @pytest.mark.parametrize(
        "row", [{"status": "skipped"}, {"status": "skipped", "reasons": []}, {"reasons": [{"message": "x"}]}]
    )
    def test_left_out_without_a_reason_is_rejected(self, row: dict[str, object], server: FakeServer) -> None:
        deliver_one(lead(1))
        server.queue.append(behaviours.answer(200, {"success": True, "result": [row]}))
        assert type(deliver_one()) is Rejected

    @pytest.mark.parametrize("row", [{"status": "pending"}, {}, {"id": 7}])
    def test_of_which_nothing_is_said_may_have_landed(self, row: dict[str, object], server: FakeServer) -> None:
        deliver_one(lead(1))
        server.queue.append(behaviours.answer(200, {"success": True, "result": [row]}))
        assert type(deliver_one()) is Unanswered

    @pytest.mark.parametrize("spelling", ["reason", "reasons"])
    @pytest.mark.parametrize("several", [True, False])
    def test_is_read_in_both_spellings(self, spelling: str, several: bool, server: FakeServer) -> None:  # noqa: FBT001
        deliver_one(lead(1))
        why = {"code": 1007, "message": "Multiple leads match"}
        row = {"status": "skipped", spelling: [why] if several else why}
        server.queue.append(behaviours.answer(200, {"success": True, "result": [row]}))
        result = deliver_one()
        assert isinstance(result, Rejected)
        assert result.cause == "marketo-1007"

    def test_of_several_people_with_one_address_is_rejected(self, subscription: Subscription) -> None:
        for _ in range(2):
            subscription.add({"email": LEAD.email})
        result = deliver_one()
        assert isinstance(result, Rejected)
        assert result.sentence == "Marketo has several people with this e-mail address."

    def test_refused_like_all_others_is_not_the_leads_fault(self, subscription: Subscription) -> None:
        for number in range(ALIKE):
            subscription.refusals[f"c{number}@x.example"] = [("1003", "Invalid")]
        results = deliver([lead(number) for number in range(ALIKE)])
        assert {type(result) for result in results} == {Misconfigured}

    def test_pushed_to_a_program_is_left_out_without_a_status(self, subscription: Subscription) -> None:
        subscription.refusals[LEAD.email] = [("1003", "Invalid")]
        assert type(deliver_one(program="Marketplace")) is Rejected

    def test_of_a_form_is_refused_by_its_own_code(self, subscription: Subscription) -> None:
        subscription.refusals[LEAD.email] = [("1003", "Invalid")]
        assert type(deliver_one(**FORM)) is Rejected


class TestTheCompany:
    def test_that_may_not_be_changed_is_left_out(self, subscription: Subscription) -> None:
        subscription.company_kept.add("c1@x.example")
        results = deliver([lead(number) for number in range(3)])
        assert [type(result) for result in results] == [Receipt] * 3
        assert "company" not in subscription.people[int(_id(results[1]))]
        assert subscription.people[int(_id(results[0]))]["company"] == "Contoso"
        assert isinstance(results[1], Receipt)
        assert "sentWithoutCompany" in results[1].answer
        assert [each["size"] for each in subscription.written] == [3, 1]

    def test_is_left_out_once(self, subscription: Subscription) -> None:
        result = refused(subscription, "1021", times=5)
        assert isinstance(result, Rejected)
        assert result.cause == "marketo-1021"
        assert len(subscription.written) == 2


class TestTooLarge:
    def test_is_halved_until_it_passes(self, subscription: Subscription, server: FakeServer) -> None:
        deliver_one(lead(99))
        subscription.faults.extend([Fault("413", status=413), Fault("413", status=413)])
        results = deliver([lead(number) for number in range(4)])
        assert {type(result) for result in results} == {Receipt}
        assert [each["size"] for each in subscription.written] == [1, 1, 1, 2]

    def test_alone_is_rejected(self, subscription: Subscription) -> None:
        result = cut_off(subscription, "413", status=413)
        assert type(result) is Rejected
        assert result.sentence == "Marketo found the request too large."

    def test_is_parted_before_it_is_sent(self, subscription: Subscription, server: FakeServer) -> None:
        words = "é" * 14_000
        leads = [lead(number, description=words) for number in range(100)]
        results = deliver(leads, {"address": "{Description}"})
        assert {type(result) for result in results} == {Receipt}
        assert max(len(sent.body) for sent in server.requests) < 1_000_000
        assert paths(server).count("/rest/v1/leads.json") == 4


def _id(result: Receipt | DeliveryError) -> str:
    assert isinstance(result, Receipt)
    return result.remote_id
