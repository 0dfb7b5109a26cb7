from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from redis import Redis

from connectors.base import LeadPayload, Receipt
from connectors.errors import DeliveryError, Misconfigured, Rejected, Unavailable, Uncertain, Unsent
from leads import claims, delivery, destinations, health, record, retry, sweep, turns, wake
from leads.models import Attempt, Delivery, Destination
from leads.record import Outcome
from tests.factories import make_lead, make_offer
from tests.leads.scripted import Scripted

pytestmark = pytest.mark.django_db

Connect = Callable[..., Destination]
LEASE = timedelta(seconds=30)


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Collect wake-ups in place of the broker."""
    calls: list[int] = []
    monkeypatch.setattr(wake, "send", calls.extend)
    monkeypatch.setattr(wake, "insist", calls.extend)
    return calls


@pytest.fixture
def destination(connect: Connect) -> Destination:
    return connect()


def wait(destination: Destination, number: int = 1) -> list[Delivery]:
    """Put leads in line."""
    offer = make_offer(routes=(destination,))
    for n in range(number):
        make_lead(offer, f"c{n}@example.com")
    return list(Delivery.objects.order_by("pk"))


def say(result: Receipt | DeliveryError) -> Any:
    return staticmethod(lambda lead: result)


def later(monkeypatch: pytest.MonkeyPatch, **by: float) -> None:
    """Advance the clock."""
    moment = timezone.now() + timedelta(**by)
    monkeypatch.setattr(timezone, "now", lambda: moment)


def states() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


class TestADrain:
    def test_delivers_all_that_is_due_and_keeps_the_answers(
        self, destination: Destination, scripted: type[Scripted]
    ) -> None:
        wait(destination, 3)
        assert delivery.drain(destination.pk) == 3
        assert states() == ["delivered"] * 3
        assert len({lead.id for lead in scripted.sent}) == 3
        attempt = Attempt.objects.first()
        assert attempt is not None
        assert (attempt.outcome, attempt.status, attempt.answer, attempt.number) == ("created", 200, "thank you", 1)

    def test_leaves_its_turn_behind_free(self, destination: Destination) -> None:
        wait(destination)
        delivery.drain(destination.pk)
        destination.refresh_from_db()
        assert (destination.drain_token, destination.drain_until) == (None, None)

    def test_leaves_its_turn_behind_free_when_it_crashes(
        self, destination: Destination, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        wait(destination)
        monkeypatch.setattr(record, "record", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            delivery.drain(destination.pk)
        destination.refresh_from_db()
        assert destination.drain_token is None

    def test_has_later_leads_call_anew(
        self, destination: Destination, redis: Redis, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(wake, "_silent_until", 0.0)
        for _ in range(2):
            wake.send([destination.pk])
        assert redis.llen("celery") == 1
        delivery.drain(destination.pk)
        wake.send([destination.pk])
        assert redis.llen("celery") == 2

    def test_does_nothing_while_another_is_at_work(self, destination: Destination, scripted: type[Scripted]) -> None:
        wait(destination)
        Destination.objects.update(drain_until=timezone.now() + LEASE)
        assert delivery.drain(destination.pk) == 0
        assert not scripted.sent

    def test_goes_on_after_the_turn_of_a_dead_one_has_ended(self, destination: Destination) -> None:
        wait(destination)
        Destination.objects.update(drain_until=timezone.now() - timedelta(seconds=1))
        assert delivery.drain(destination.pk) == 1

    def test_never_speaks_to_the_network_inside_a_transaction(
        self, destination: Destination, scripted: type[Scripted], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        depths: list[int] = []
        outside = len(connection.savepoint_ids)

        def answer(lead: LeadPayload) -> Receipt:
            depths.append(len(connection.savepoint_ids) - outside)
            return Receipt()

        monkeypatch.setattr(scripted, "answer", staticmethod(answer))
        wait(destination)
        delivery.drain(destination.pk)
        assert depths == [0]

    def test_takes_no_more_statements_for_many_than_for_few(self, destination: Destination) -> None:
        wait(destination, 2)
        with CaptureQueriesContext(connection) as few:
            delivery.drain(destination.pk)
        for n in range(40):
            make_lead(make_offer(f"other{n}", routes=(destination,)))
        with CaptureQueriesContext(connection) as many:
            delivery.drain(destination.pk)
        assert Delivery.objects.filter(state="delivered").count() == 42
        assert len(many) == len(few)

    def test_sends_first_tries_before_retries(self, destination: Destination, scripted: type[Scripted]) -> None:
        old, _ = wait(destination, 2)
        Delivery.objects.filter(pk=old.pk).update(attempts=2)
        scripted.concurrency = 1
        delivery.drain(destination.pk)
        assert [lead.email for lead in scripted.sent] == ["c1@example.com", "c0@example.com"]

    def test_sends_what_is_new_before_what_has_waited_but_keeps_a_quarter_for_the_backlog(
        self, destination: Destination, scripted: type[Scripted], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        wait(destination, 12)
        Delivery.objects.filter(lead__email__in=[f"c{n}@example.com" for n in range(6)]).update(
            due_at=timezone.now() - timedelta(hours=1)
        )
        now = timezone.now()
        claimed = claims.claim(destination.pk, limit=8, now=now, lasts=LEASE)
        assert [int(claim.lead.email[1:].partition("@")[0]) for claim in claimed] == [6, 7, 8, 9, 10, 11, 0, 1]

    def test_fills_batches_where_the_target_takes_them(
        self, destination: Destination, scripted: type[Scripted]
    ) -> None:
        scripted.batch_size = 200
        wait(destination, 5)
        delivery.drain(destination.pk)
        assert scripted.calls == [5]
        assert states() == ["delivered"] * 5

    def test_goes_no_further_when_its_turn_has_been_ended(
        self, destination: Destination, scripted: type[Scripted], monkeypatch: pytest.MonkeyPatch, woken: list[int]
    ) -> None:
        def end_the_turn(lead: LeadPayload) -> Receipt:
            turns.revoke(destination.pk)
            return Receipt()

        monkeypatch.setattr(scripted, "concurrency", 1)
        monkeypatch.setattr(scripted, "answer", staticmethod(end_the_turn))
        wait(destination, 2 * delivery.ROUND)
        delivery.drain(destination.pk)
        assert sorted(states()) == ["delivered"] * delivery.ROUND + ["waiting"] * delivery.ROUND
        assert woken[-1] == destination.pk

    def test_with_work_left_wakes_the_next(
        self, destination: Destination, monkeypatch: pytest.MonkeyPatch, woken: list[int]
    ) -> None:
        wait(destination, 2)
        monkeypatch.setattr(delivery, "BUDGET", 0.0)
        assert delivery.drain(destination.pk) == 0
        assert woken == [destination.pk]

    def test_sees_a_lead_that_was_accepted_while_it_was_ending(
        self, destination: Destination, monkeypatch: pytest.MonkeyPatch, woken: list[int]
    ) -> None:
        offer = make_offer(routes=(destination,))
        make_lead(offer)
        leave = turns.leave

        def accept_then_leave(turn: Any) -> None:
            make_lead(offer, "late@example.com")
            assert delivery.drain(destination.pk) == 0, "its own wake-up finds the turn taken"
            leave(turn)

        monkeypatch.setattr(turns, "leave", accept_then_leave)
        delivery.drain(destination.pk)
        assert woken == [destination.pk]

    def test_holds_a_destination_whose_settings_no_key_opens(self, destination: Destination) -> None:
        wait(destination)
        Destination.objects.update(sealed_config=b"not a token")
        delivery.drain(destination.pk)
        destination.refresh_from_db()
        assert (destination.state, destination.problem_cause) == ("held", "settings")
        assert states() == ["waiting"]


class TestTheErrorsClassIsThePolicy:
    def test_unavailable_rests_the_destination_and_gives_the_rest_back_unspent(
        self, destination: Destination, scripted: type[Scripted], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(scripted, "concurrency", 1)
        monkeypatch.setattr(scripted, "answer", say(Unavailable("It is away.", cause="http-503", status=503)))
        wait(destination, 5)
        delivery.drain(destination.pk)
        destination.refresh_from_db()
        assert (destination.state, destination.rests, destination.problem) == ("resting", 1, "It is away.")
        assert len(scripted.sent) == 1
        assert sorted(Delivery.objects.values_list("state", "attempts")) == [("waiting", 0)] * 4 + [("waiting", 1)]

    def test_unsent_rests_the_destination_and_spends_no_try(
        self, destination: Destination, scripted: type[Scripted], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(scripted, "answer", say(Unsent("No room.", cause="pace", retry_after=5)))
        wait(destination, 2)
        delivery.drain(destination.pk)
        destination.refresh_from_db()
        assert destination.state == "resting"
        assert set(Delivery.objects.values_list("state", "attempts")) == {("waiting", 0)}

    def test_a_resting_destination_is_probed_with_one_lead_and_revived_by_it(
        self, destination: Destination, scripted: type[Scripted], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(scripted, "answer", say(Unavailable("It is away.", cause="http-503")))
        wait(destination, 6)
        delivery.drain(destination.pk)
        later(monkeypatch, hours=2)
        scripted.sent.clear()
        delivery.drain(destination.pk)
        assert len(scripted.sent) == 1
        monkeypatch.setattr(scripted, "answer", say(Receipt()))
        later(monkeypatch, hours=4)
        delivery.drain(destination.pk)
        destination.refresh_from_db()
        assert (destination.state, destination.rests, destination.problem) == ("active", 0, "")
        assert states() == ["delivered"] * 6

    def test_retry_after_is_honoured_and_capped(self, destination: Destination) -> None:
        now, everyone = timezone.now(), Destination.objects.all()
        health.rest(everyone, Unavailable("Slow down.", cause="http-429", retry_after=600), now)
        destination.refresh_from_db()
        assert destination.resume_at is not None
        assert timedelta(seconds=600) <= destination.resume_at - now <= timedelta(seconds=660)
        health.rest(everyone, Unavailable("Slow down.", cause="http-429", retry_after=10**9), now)
        destination.refresh_from_db()
        assert destination.resume_at - now <= retry.LONGEST_WISH * 1.1

    def test_misconfigured_holds_the_destination_and_spends_nothing(
        self, destination: Destination, scripted: type[Scripted], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        refused = Misconfigured("The password was refused.", cause="sign-in", fix="Enter it again.", status=401)
        monkeypatch.setattr(scripted, "answer", say(refused))
        wait(destination, 100)
        delivery.drain(destination.pk)
        destination.refresh_from_db()
        assert (destination.state, destination.problem_fix) == ("held", "Enter it again.")
        assert len(scripted.sent) <= scripted.concurrency + 1
        assert set(Delivery.objects.values_list("state", "attempts")) == {("waiting", 0)}

    def test_a_held_destination_takes_nothing_until_it_is_mended_and_then_one_lead_first(
        self, destination: Destination, scripted: type[Scripted], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(scripted, "answer", say(Misconfigured("No.", cause="sign-in")))
        wait(destination, 20)
        delivery.drain(destination.pk)
        scripted.sent.clear()
        assert delivery.drain(destination.pk) == 0
        health.probe(destination)
        delivery.drain(destination.pk)
        assert len(scripted.sent) == 1
        monkeypatch.setattr(scripted, "answer", say(Receipt()))
        health.probe(destination)
        delivery.drain(destination.pk)
        assert states() == ["delivered"] * 20

    def test_a_held_destination_is_probed_now_and_then_and_recovers_by_itself(
        self, destination: Destination, scripted: type[Scripted], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(scripted, "answer", say(Misconfigured("Not found.", cause="http-404")))
        wait(destination, 10)
        delivery.drain(destination.pk)
        since = Destination.objects.get().problem_since
        for wait_minutes in (5, 10, 20, 40, 60, 60):
            destination.refresh_from_db()
            assert destination.resume_at is not None
            assert timedelta(minutes=wait_minutes - 1) < destination.resume_at - timezone.now()
            later(monkeypatch, minutes=wait_minutes, seconds=1)
            scripted.sent.clear()
            delivery.drain(destination.pk)
            assert len(scripted.sent) == 1
        assert Destination.objects.get().problem_since == since
        monkeypatch.setattr(scripted, "answer", say(Receipt()))
        later(monkeypatch, minutes=61)
        delivery.drain(destination.pk)
        assert states() == ["delivered"] * 10

    def test_after_a_repair_the_first_lead_goes_alone_and_then_more_and_more(
        self, destination: Destination, scripted: type[Scripted], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        claimed: list[int] = []
        claim = claims.claim

        def watch(*args: Any, limit: int, **rest: Any) -> list[claims.Claim]:
            claimed.append(limit)
            return claim(*args, limit=limit, **rest)

        monkeypatch.setattr(claims, "claim", watch)
        wait(destination, 40)
        Destination.objects.update(state="resting", resume_at=timezone.now())
        delivery.drain(destination.pk)
        assert claimed == [1, 4, 16, 64]
        assert states() == ["delivered"] * 40

    def test_what_was_sent_with_settings_that_are_no_more_is_not_felt(
        self, destination: Destination, scripted: type[Scripted], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def mend_and_refuse(lead: LeadPayload) -> DeliveryError:
            destinations.change(destination, config=destination.config | {"password": lead.id})
            return Misconfigured("The password was refused.", cause="sign-in")

        monkeypatch.setattr(scripted, "answer", staticmethod(mend_and_refuse))
        wait(destination)
        Destination.objects.update(state="resting", resume_at=timezone.now())
        destination.refresh_from_db()
        delivery.drain(destination.pk)
        destination.refresh_from_db()
        assert (destination.state, destination.problem) == ("resting", "")

    def test_rejected_concerns_the_lead_alone(
        self, destination: Destination, scripted: type[Scripted], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def answer(lead: LeadPayload) -> Receipt | DeliveryError:
            return Rejected("No phone.", cause="http-422") if lead.email == "c1@example.com" else Receipt()

        monkeypatch.setattr(scripted, "answer", staticmethod(answer))
        wait(destination, 3)
        delivery.drain(destination.pk)
        destination.refresh_from_db()
        assert states() == ["delivered", "rejected", "delivered"]
        assert destination.state == "active"

    def test_uncertain_waits_for_a_person(
        self, destination: Destination, scripted: type[Scripted], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(scripted, "answer", say(Uncertain("No answer.", cause="no-answer")))
        wait(destination)
        delivery.drain(destination.pk)
        assert states() == ["uncertain"]

    def test_a_crash_of_ours_is_logged_without_its_message_and_tried_again(
        self,
        destination: Destination,
        scripted: type[Scripted],
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        def crash(lead: LeadPayload) -> Receipt:
            raise ValueError(lead.email)

        monkeypatch.setattr(scripted, "answer", staticmethod(crash))
        wait(destination)
        delivery.drain(destination.pk)
        assert Delivery.objects.values_list("state", "attempts", "cause").get() == ("waiting", 1, "internal")
        assert "ValueError" in caplog.text
        assert "c0@example.com" not in caplog.text

    def test_too_few_results_are_a_crash_of_ours(
        self, destination: Destination, scripted: type[Scripted], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(scripted, "deliver", lambda self, leads: [])
        wait(destination)
        delivery.drain(destination.pk)
        assert Delivery.objects.values_list("state", "cause").get() == ("waiting", "internal")


class TestRetries:
    def test_follow_the_schedule_to_the_end_and_then_give_up(
        self, destination: Destination, scripted: type[Scripted], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(scripted, "answer", say(Unavailable("Away.", cause="http-500")))
        wait(destination)
        for tries in range(1, len(retry.SCHEDULE) + 2):
            delivery.drain(destination.pk)
            sent = Delivery.objects.get()
            assert sent.attempts == tries
            if sent.state == "waiting":
                assert timezone.now() < sent.due_at <= timezone.now() + retry.SCHEDULE[tries - 1]
            later(monkeypatch, days=2)
        assert sent.state == "gave_up"
        assert sent.tries.count() == len(retry.SCHEDULE) + 1

    def test_spread_over_the_whole_wait(self) -> None:
        drawn = [wait for _ in range(200) if (wait := retry.delay(3)) is not None]
        longest = retry.SCHEDULE[2]
        assert len(drawn) == 200
        assert min(drawn) < longest / 4
        assert max(drawn) > longest * 3 / 4


class TestADeadWorker:
    def claim(self, destination: Destination) -> claims.Claim:
        [claim] = claims.claim(destination.pk, limit=1, now=timezone.now(), lasts=LEASE)
        return claim

    def test_loses_its_claim_when_the_lease_ends(
        self, destination: Destination, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        wait(destination)
        self.claim(destination)
        sweep.sweep()
        assert states() == ["sending"]
        later(monkeypatch, seconds=31)
        sweep.sweep()
        assert Delivery.objects.values_list("state", "attempts").get() == ("waiting", 1)
        assert Attempt.objects.get().outcome == "lost"

    def test_that_comes_back_late_changes_nothing(
        self, destination: Destination, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        wait(destination)
        late = self.claim(destination)
        later(monkeypatch, seconds=31)
        sweep.sweep()
        self.claim(destination)
        rejected = Outcome(late, Rejected("No.", cause="http-422"), timezone.now(), 0.1)
        turn = turns.Turn(destination, uuid4())
        assert record.record(turn, [rejected], timezone.now()) == 0
        assert Delivery.objects.values_list("state", "claims").get() == ("sending", 2)

    def test_that_comes_back_late_gives_nothing_back_of_what_is_anothers(
        self, destination: Destination, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        wait(destination)
        late = self.claim(destination)
        later(monkeypatch, seconds=31)
        sweep.sweep()
        self.claim(destination)
        claims.give_back([late], [])
        assert Delivery.objects.values_list("state", "claims").get() == ("sending", 2)

    def test_leaves_what_may_have_landed_to_a_person_where_twice_would_harm(
        self, destination: Destination, scripted: type[Scripted], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(scripted, "idempotent", False)
        wait(destination)
        self.claim(destination)
        later(monkeypatch, seconds=31)
        sweep.sweep()
        assert states() == ["uncertain"]

    def test_cannot_spend_tries_for_ever(self, destination: Destination, monkeypatch: pytest.MonkeyPatch) -> None:
        wait(destination)
        for _ in range(len(retry.SCHEDULE) + 1):
            self.claim(destination)
            later(monkeypatch, seconds=31)
            sweep.sweep()
        assert states() == ["gave_up"]


class TestTheSweep:
    def test_wakes_what_has_something_due_and_nothing_else(self, connect: Connect, woken: list[int]) -> None:
        due, idle, held, resting = (connect(name) for name in ("due", "idle", "held", "resting"))
        make_offer("all", routes=(due, held, resting))
        make_lead(make_offer("most", routes=(due, held, resting)))
        make_lead(make_offer("none", routes=(idle,)), consent=False)
        woken.clear()
        Destination.objects.filter(pk=held.pk).update(state="held", problem="Refused.")
        Destination.objects.filter(pk=resting.pk).update(state="resting", resume_at=timezone.now() + LEASE)
        assert sweep.sweep() == 1
        assert woken == [due.pk]
