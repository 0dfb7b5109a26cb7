"""Whatever happens to deliveries, in whatever order, they follow the state machine and the books balance.

Hypothesis draws the order; the model in ``tests/leads/model.py`` foretells every row.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from connectors import registry
from connectors.base import Receipt
from connectors.errors import DeliveryError, Misconfigured, Rejected, Unavailable, Uncertain
from leads import choosing, claims, delivery, destinations, health, landing, record, replay, retry, sweep, turns, wake
from leads.balance import balance
from leads.claims import Claim
from leads.models import Attempt, Delivery, Destination, Replay
from leads.record import Outcome
from leads.turns import Turn
from tests.factories import make_destination, make_lead, make_offer, make_publisher
from tests.leads.clock import Clock
from tests.leads.model import Place, Row
from tests.leads.scripted import Scripted

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.timeout(600)]

CLOCK = Clock()
LEASE = timedelta(seconds=30)
MOMENT = timedelta(seconds=1)
WAITS = [timedelta(seconds=5), 31 * MOMENT, timedelta(minutes=6), timedelta(hours=2), timedelta(days=2)]
MOST = 1
"""Waits in the schedule: few, so that giving up is in reach."""
RESULTS: dict[str, Receipt | DeliveryError | None] = {
    "landed": Receipt(),
    "away": Unavailable("It is away.", cause="http-503"),
    "slow down": Unavailable("Slow down.", cause="http-429", retry_after=600),
    "wrong": Misconfigured("The password was refused.", cause="sign-in"),
    "refused": Rejected("No phone.", cause="http-422"),
    "unclear": Uncertain("No answer.", cause="no-answer"),
    "not begun": None,
}
ENOUGH = 12
MANY = 4
PLACES = st.integers(0, 1)
ACTS = st.sampled_from(["pauses", "resumes", "saves other settings"])
LIMITS = st.integers(1, MANY)
WORD = st.sampled_from(sorted(RESULTS))
WORDS = WORD.map(lambda word: [word] * MANY) | st.lists(WORD, min_size=MANY, max_size=MANY)
SEVERITY = ["uncertain", "held", "waiting", "rejected", "gave_up", "delivered", "withheld"]
"""Where a lead of several deliveries counts: at the first of these that one of them is in."""
REPLAYABLE = ["waiting", "rejected", "uncertain", "gave_up"]
WHOLE_STORY = {*Delivery.State.values, *Destination.State.values, "lost", "too late", "replayed"}
"""What a run must have met to say anything about it."""


class Once(Scripted):
    """A target where sending again would double."""

    slug = "once"
    idempotent = False


@dataclass
class Worker:
    """A worker with claims in hand. One that takes long enough is a dead one, and then a late one."""

    turn: Turn
    claimed: list[Claim]


class Machine(RuleBasedStateMachine):
    """Each rule does one thing to the portal and the same to the model; then all rows are compared."""

    met: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.clock = CLOCK
        self.clock.now = Clock().now
        self.publisher = make_publisher()
        again, once = make_destination("Again", connector="scripted"), make_destination("Once", connector="once")
        self.places = {again.pk: Place(again=True), once.pk: Place(again=False)}
        self.offer = make_offer(routes=(again, once))
        self.rows: dict[int, Row] = {}
        self.workers: list[Worker] = []
        self.put_back: set[tuple[int, int | None]] = set()
        self.saves = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    @initialize(number=st.integers(1, 4), where=PLACES, limit=LIMITS)
    def begin(self, number: int, where: int, limit: int) -> None:
        for _ in range(number):
            self.accept(consent=True)
        self.a_worker_claims(where, limit)

    @precondition(lambda self: len(self.rows) < ENOUGH)
    @rule(consent=st.sampled_from([True, True, True, False]))
    def accept(self, *, consent: bool) -> None:
        made = make_lead(self.offer, f"c{len(self.rows)}@example.com", consent=consent)
        for new in Delivery.objects.filter(lead=made.lead_id):
            state = "waiting" if consent else "withheld"
            self.rows[new.pk] = Row(new.destination_id, made.lead_id, self.clock.now, state)

    @rule(wait=st.sampled_from(WAITS), sweep=st.booleans())
    def time_passes(self, wait: timedelta, *, sweep: bool) -> None:
        self.clock.now += wait
        if sweep:
            self.the_sweep_comes()

    @rule(where=PLACES, limit=LIMITS)
    def a_worker_claims(self, where: int, limit: int) -> None:
        pk, place = self.place(where)
        turn = turns.take(pk, self.clock.now, LEASE)
        assert (turn is not None) == (place.is_ready(self.clock.now) and place.is_free(self.clock.now))
        if turn is None:
            return
        place.token, place.until = turn.token, self.clock.now + LEASE
        assert turns.keep(turn, self.clock.now, LEASE) == place.state
        claimed = claims.claim(pk, limit=limit, now=self.clock.now, lasts=LEASE)
        due = self.due(pk)
        assert len(claimed) == min(limit, len(due))
        assert {claim.delivery_id for claim in claimed} <= due
        for claim in claimed:
            self.rows[claim.delivery_id].claim(self.clock.now + LEASE)
        self.workers.append(Worker(turn, claimed))

    @rule(where=PLACES, word=WORD, wait=st.sampled_from([timedelta(), *WAITS]))
    def a_target_says_the_same_to_all(self, where: int, word: str, wait: timedelta) -> None:
        self.clock.now += wait
        before = len(self.workers)
        self.a_worker_claims(where, MANY)
        for worker in self.workers[before:]:
            self.answer(worker, [word] * MANY)

    @rule(where=PLACES)
    def a_target_refuses_the_sign_in(self, where: int) -> None:
        self.a_target_says_the_same_to_all(where, "wrong", timedelta())

    @precondition(lambda self: self.workers)
    @rule(which=st.integers(0, 9), words=WORDS)
    def a_worker_answers(self, which: int, words: list[str]) -> None:
        """In time or late. One that never answers is dead."""
        self.answer(self.workers[which % len(self.workers)], words)

    @precondition(lambda self: self.workers)
    @rule(which=st.integers(0, 9), words=WORDS, act=ACTS)
    def a_worker_answers_after_the_publisher(self, which: int, words: list[str], act: str) -> None:
        worker = self.workers[which % len(self.workers)]
        self.the_publisher(self.where(worker), act)
        self.answer(worker, words)

    @precondition(lambda self: self.workers)
    @rule(which=st.integers(0, 9), words=WORDS | st.just(["not begun"] * MANY), limit=LIMITS)
    def a_worker_answers_when_its_claims_are_anothers(self, which: int, words: list[str], limit: int) -> None:
        late = self.workers[which % len(self.workers)]
        self.time_passes(LEASE + MOMENT, sweep=True)
        self.a_worker_claims(self.where(late), limit)
        self.answer(late, words)

    def answer(self, worker: Worker, words: list[str]) -> None:
        self.workers.remove(worker)
        said = [RESULTS[word] for word in words[: len(worker.claimed)]]
        outcomes = [
            Outcome(claim, result, self.clock.now, 0.1)
            for claim, result in zip(worker.claimed, said, strict=True)
            if result is not None
        ]
        claims.give_back(worker.claimed, outcomes)
        counted = record.record(worker.turn, outcomes, self.clock.now)
        turns.leave(worker.turn)
        answered = [self.apply(claim, result) for claim, result in zip(worker.claimed, said, strict=True)]
        assert counted == sum(answered)
        self.feel(worker.turn, [result for result in said if result is not None])

    @precondition(lambda self: any(row.state == "waiting" for row in self.rows.values()))
    @rule(where=PLACES)
    def a_worker_drains_a_target_that_takes_all(self, where: int) -> None:
        pk, place = self.place(where)
        works = place.is_ready(self.clock.now) and place.is_free(self.clock.now)
        due = self.due(pk) if works else set()
        assert delivery.drain(pk) == len(due)
        for id_ in due:
            row = self.rows[id_]
            row.claims += 1
            row.tries.append(row.claims)
            row.spend("delivered")
        if works:
            place.leave()
        if due:
            place.revive()

    def the_sweep_comes(self) -> None:
        sweep.sweep()
        for row in self.rows.values():
            if row.is_orphan(self.clock.now):
                self.met["lost"] += 1
                row.tries.append(row.claims)
                row.due_at = self.clock.now
                over = row.attempts >= MOST
                row.spend("uncertain" if not self.places[row.place].again else "gave_up" if over else "waiting")
        assert not Delivery.objects.orphaned(self.clock.now).exists()

    @rule(where=PLACES, act=ACTS)
    def the_publisher(self, where: int, act: str) -> None:
        pk, place = self.place(where)
        destination = Destination.objects.get(pk=pk)
        if act == "pauses":
            health.pause(destination)
            place.pause()
        elif act == "resumes":
            health.probe(destination)
            place.probe(self.clock.now)
        else:
            destinations.change(destination, config=destination.config | {"password": str(self.saves)})
            self.saves += 1
            place.save(self.clock.now)

    @rule(states=st.sampled_from([[state] for state in REPLAYABLE] + [Delivery.State.values]))
    def somebody_replays(self, states: list[str]) -> None:
        replay.start(Delivery.objects.filter(state__in=states), filters={}, by=None)
        self.take_over_replays()

    @precondition(lambda self: Replay.objects.open().exists())
    @rule(stop=st.booleans())
    def replays_go_on_or_are_stopped(self, *, stop: bool) -> None:
        for found in Replay.objects.open():
            replay.stop(found, None) if stop else replay.advance(found.pk)
        self.take_over_replays()

    @precondition(lambda self: self.delivered())
    @rule(which=st.integers(0, 9), replayed=st.booleans())
    def a_look_finds_it_gone(self, which: int, *, replayed: bool) -> None:
        found = self.delivered()
        pk = found[which % len(found)]
        landing.keep(Delivery.objects.get(pk=pk), "missing", self.clock.now)
        self.rows[pk].missing = True
        if replayed:
            self.somebody_replays(["delivered"])

    @invariant()
    def every_delivery_is_where_the_model_has_it(self) -> None:
        found = {row.pk: row for row in Delivery.objects.all()}
        assert found.keys() == self.rows.keys()
        for pk, row in self.rows.items():
            real = found[pk]
            assert (real.state, real.attempts, real.claims) == (row.state, row.attempts, row.claims)
            assert real.claimed_until == row.claimed_until
            assert real.is_missing == row.missing
            assert (real.finished_at is None) == (row.state in Delivery.OPEN)
            assert row.state not in Delivery.OPEN or real.due_at == row.due_at
            assert real.attempts <= MOST + 1

    @invariant()
    def every_destination_is_as_the_model_has_it(self) -> None:
        for real in Destination.objects.all():
            place = self.places[real.pk]
            assert (real.state, real.rests, real.resume_at) == (place.state, place.rests, place.resume_at)
            assert (real.drain_token, real.drain_until) == (place.token, place.until)

    @invariant()
    def every_try_is_written_down_once(self) -> None:
        written = Counter(Attempt.objects.values_list("delivery", "number"))
        assert written == Counter((pk, number) for pk, row in self.rows.items() for number in row.tries)

    @invariant()
    def what_was_met_is_counted(self) -> None:
        self.met.update(row.state for row in self.rows.values())
        self.met.update(place.state for place in self.places.values())

    @invariant()
    def the_books_balance(self) -> None:
        books = balance(self.publisher.pk)
        foretold = Counter(self.standing(lead) for lead in {row.lead for row in self.rows.values()})
        assert books.adds_up
        assert {state: getattr(books, state) for state in SEVERITY} == {state: foretold[state] for state in SEVERITY}

    def take_over_replays(self) -> None:
        """A replay decides what it puts back in line: read it, and hold it to what it may do."""
        for real in Delivery.objects.filter(put_back_at=self.clock.now):
            if (real.pk, real.replay_id) not in self.put_back:
                self.put_back.add((real.pk, real.replay_id))
                self.put_in_line(self.rows[real.pk], real)
        for place in Destination.objects.exclude(state="paused"):
            assert self.places[place.pk].state != "paused", "what the publisher paused stays paused"
            if place.rests == 0 and place.resume_at == self.clock.now:
                self.places[place.pk].probe(self.clock.now)

    def put_in_line(self, row: Row, real: Delivery) -> None:
        self.met["replayed"] += 1
        assert row.state in REPLAYABLE or row.missing, "nothing that is there, withheld or under way is sent again"
        assert real.due_at <= self.clock.now
        row.attempts = row.attempts if row.state == "waiting" else 0
        row.state, row.due_at, row.missing = "waiting", real.due_at, False

    def place(self, where: int) -> tuple[int, Place]:
        return sorted(self.places.items(), key=lambda item: item[0])[where]

    def where(self, worker: Worker) -> int:
        return sorted(self.places).index(worker.turn.destination.pk)

    def delivered(self) -> list[int]:
        return sorted(pk for pk, row in self.rows.items() if row.state == "delivered")

    def due(self, place: int) -> set[int]:
        """Find what may be claimed."""
        waiting = [(pk, row) for pk, row in self.rows.items() if row.place == place and row.state == "waiting"]
        return {pk for pk, row in waiting if row.due_at <= self.clock.now}

    def apply(self, claim: Claim, result: Receipt | DeliveryError | None) -> bool:
        """Foretell what a result does to its delivery; tell whether it counts as a try that was written down."""
        row = self.rows[claim.delivery_id]
        if row.state != "sending" or row.claims != claim.number:
            self.met["too late"] += 1
            return False
        if result is None:
            row.stop("waiting")
            return False
        row.tries.append(claim.number)
        if isinstance(result, Misconfigured):
            row.stop("waiting")
        elif isinstance(result, Unavailable):
            self.wait_again(claim.delivery_id, row)
        else:
            row.spend({Receipt: "delivered", Rejected: "rejected", Uncertain: "uncertain"}[type(result)])
        return True

    def wait_again(self, pk: int, row: Row) -> None:
        """The wait is drawn by chance: read it, and hold it to the schedule."""
        row.spend("gave_up" if row.attempts >= MOST else "waiting")
        if row.state == "waiting":
            row.due_at = Delivery.objects.get(pk=pk).due_at
            assert self.clock.now < row.due_at <= self.clock.now + retry.SCHEDULE[row.attempts - 1]

    def feel(self, turn: Turn, results: list[Receipt | DeliveryError]) -> None:
        """Foretell what results do to their destination, if the turn they were sent in is still its own."""
        place = self.places[turn.destination.pk]
        if place.token != turn.token:
            return
        place.leave()
        stops = [result for result in results if isinstance(result, Unavailable | Misconfigured)]
        if place.state == "paused" or not results:
            return
        if stops:
            self.stop(turn.destination.pk, place, held=any(isinstance(result, Misconfigured) for result in stops))
        else:
            place.revive()

    def stop(self, pk: int, place: Place, *, held: bool) -> None:
        place.state, place.rests = "held" if held else "resting", place.rests + 1
        place.resume_at = Destination.objects.get(pk=pk).resume_at
        assert place.resume_at is not None
        assert self.clock.now < place.resume_at <= self.clock.now + retry.LONGEST_REST

    def standing(self, lead: UUID) -> str:
        """Foretell where a lead counts."""
        rows = [row for row in self.rows.values() if row.lead == lead]
        return min((self.counted(row) for row in rows), key=SEVERITY.index)

    def counted(self, row: Row) -> str:
        if row.state in Delivery.OPEN:
            return "held" if self.places[row.place].state in ("held", "paused") else "waiting"
        return row.state


@pytest.fixture
def stage(scripted: type[Scripted], monkeypatch: pytest.MonkeyPatch) -> None:
    known = registry.all_connectors()
    monkeypatch.setattr(registry, "all_connectors", lambda: {**known, "once": Once})
    monkeypatch.setattr(timezone, "now", lambda: CLOCK.now)
    for call in ("send", "insist", "heard", "publish"):
        monkeypatch.setattr(wake, call, lambda *_, **__: None)
    monkeypatch.setattr(choosing, "PART", 3)
    monkeypatch.setattr(retry, "SCHEDULE", retry.SCHEDULE[:MOST])


@pytest.mark.usefixtures("stage")
def test_every_delivery_follows_the_state_machine_and_the_books_balance() -> None:
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    wish: dict[str, Any] = {"database": None, "suppress_health_check": checks}
    run_state_machine_as_test(Machine, settings=settings(max_examples=50, stateful_step_count=30, **wish))
    assert Machine.met.keys() >= WHOLE_STORY
