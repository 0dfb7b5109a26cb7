from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leads import choosing, delivery, replay, tasks, wake
from leads.models import Delivery, Destination, Replay, ReplayPart
from leads.progress import Progress, progress
from tests.factories import make_member
from tests.leads.scripted import Scripted
from tests.leads.test_replay import ALL, begin, go, press_at_once, states, stop

pytestmark = pytest.mark.django_db

Connect = Callable[..., Destination]
Called = list[tuple[str, dict[str, int]]]


@pytest.fixture(autouse=True)
def called(monkeypatch: pytest.MonkeyPatch) -> Called:
    """Mark ten at a time, and write down which tasks are called."""
    monkeypatch.setattr(choosing, "PART", 10)
    made: Called = []
    monkeypatch.setattr(wake, "publish", lambda task, **arguments: made.append((task, arguments)))
    return made


def test_many_are_chosen_at_once_and_left_to_a_worker_to_mark(connect: Connect, called: Called) -> None:
    stop(connect(), "rejected", 25)
    chosen = begin()
    assert (chosen.state, chosen.total) == ("choosing", 25)
    assert progress(chosen) == Progress(total=25, landed=0, failed=0, on_its_way=0, parked=25, kept=0)
    assert ("leads.replay", {"replay_id": chosen.pk}) in called
    assert states() == ["rejected"] * 25


def test_nothing_is_sent_before_all_is_marked_and_then_one(connect: Connect, scripted: type[Scripted]) -> None:
    destination = connect()
    stop(destination, "rejected", 25)
    chosen = begin()
    delivery.drain(destination.pk)
    assert scripted.sent == []
    tasks.replay_on(replay_id=chosen.pk)
    chosen.refresh_from_db()
    assert (chosen.state, states().count("waiting")) == ("canary", 1)
    assert progress(chosen) == Progress(total=25, landed=0, failed=0, on_its_way=1, parked=24, kept=0)
    assert not ReplayPart.objects.exists()
    assert go(chosen, destination).landed == 25


def test_what_is_asked_of_the_database_does_not_grow_with_what_is_chosen(connect: Connect) -> None:
    with CaptureQueriesContext(connection) as few:
        stop(connect("One"), "rejected", 20)
        few_ready = len(few)
        begin()
    with CaptureQueriesContext(connection) as many:
        stop(connect("Two"), "rejected", 60)
        many_ready = len(many)
        begin()
    assert len(many) - many_ready == len(few) - few_ready


def test_what_landed_before_it_was_marked_is_not_counted(connect: Connect, scripted: type[Scripted]) -> None:
    destination = connect()
    *_, last = stop(destination, "uncertain", 25)
    chosen = begin()
    assert (chosen.total, chosen.may_double) == (25, 25)
    ALL().filter(pk=last.pk).update(state="delivered", cause="")
    replay.advance(chosen.pk)
    chosen.refresh_from_db()
    assert (chosen.total, chosen.may_double) == (24, 24)
    assert go(chosen, destination).landed == 24


def test_what_fails_after_it_was_chosen_is_not_sent_again(connect: Connect) -> None:
    stop(connect("One"), "rejected", 25)
    chosen = begin()
    stop(connect("Two"), "rejected", 3)
    replay.advance(chosen.pk)
    assert ALL().filter(replay=chosen).count() == 25


def test_what_is_still_to_be_marked_is_in_no_other_replay(connect: Connect) -> None:
    stop(connect(), "rejected", 25)
    begin()
    assert replay.plan(ALL()).count == 0
    assert replay.start(ALL(), filters={}, by=None) is None
    assert Replay.objects.count() == 1


def test_stopped_before_all_is_marked_it_leaves_all_as_it_was(connect: Connect, scripted: type[Scripted]) -> None:
    destination = connect()
    stop(destination, "rejected", 25)
    before = list(ALL().order_by("pk").values("state", "attempts", "finished_at", "cause"))
    chosen = begin()
    assert replay.stop(chosen, make_member())
    replay.advance(chosen.pk)
    chosen.refresh_from_db()
    assert (chosen.state, chosen.kept, chosen.total) == ("stopped", 25, 25)
    assert progress(chosen) == Progress(total=25, landed=0, failed=0, on_its_way=0, parked=0, kept=25)
    assert list(ALL().order_by("pk").values("state", "attempts", "finished_at", "cause")) == before
    assert go(begin(), destination).landed == 25


def test_a_drain_leaves_it_alone_and_the_sweep_finds_it(
    connect: Connect, scripted: type[Scripted], called: Called
) -> None:
    destination = connect()
    stop(destination, "rejected", 25)
    chosen = begin()
    called.clear()
    delivery.drain(destination.pk)
    assert ("leads.replay", {"replay_id": chosen.pk}) not in called
    replay.wake_unfinished()
    assert ("leads.replay", {"replay_id": chosen.pk}) in called


@pytest.mark.django_db(transaction=True)
def test_many_pressed_by_four_at_once_are_one_replay_and_sent_once(connect: Connect, scripted: type[Scripted]) -> None:
    destination = connect()
    stop(destination, "rejected", 35)
    started: list[Replay | None] = []
    press_at_once(*[lambda: started.append(replay.start(ALL(), filters={}, by=None))] * 4)
    [chosen] = [found for found in started if found]
    assert Replay.objects.count() == 1
    press_at_once(*[lambda: replay.advance(chosen.pk)] * 3)
    assert states().count("waiting") == 1
    assert go(chosen, destination).landed == 35
    assert len(scripted.sent) == len({lead.id for lead in scripted.sent}) == 35


@pytest.mark.django_db(transaction=True)
def test_marking_and_a_try_that_comes_due_send_once(connect: Connect, scripted: type[Scripted]) -> None:
    destination = connect()
    stop(destination, "waiting", 35)
    chosen = begin()
    press_at_once(lambda: replay.advance(chosen.pk), lambda: delivery.drain(destination.pk))
    done = go(chosen, destination)
    assert set(states()) == {"delivered"}
    assert len(scripted.sent) == len({lead.id for lead in scripted.sent}) == 35
    assert done.landed == done.total <= 35
    assert Delivery.objects.filter(replay=chosen).count() == done.total
