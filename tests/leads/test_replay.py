from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections
from django.utils import timezone

from connectors.base import LeadPayload, Receipt
from connectors.errors import DeliveryError, Misconfigured, Rejected, Unavailable
from leads import delivery, health, replay, replay_steps
from leads.filters import DeliveryFilter
from leads.models import Attempt, Customer, Delivery, Destination, Offer, Replay
from leads.progress import Progress, progress
from leads.taxonomy import Action, Source
from tests.factories import make_lead, make_member, make_offer, make_publisher
from tests.leads.scripted import Scripted

pytestmark = pytest.mark.django_db

Connect = Callable[..., Destination]
ALL = Delivery.objects.all
AGAIN = Rejected("No country is named.", cause="http-422", status=422)


def stop(destination: Destination, state: str, number: int = 1) -> list[Delivery]:
    """Make deliveries that ended like this, the first longest ago."""
    offer = make_offer(f"offer-{destination.pk}-{state.replace('_', '-')}", routes=(destination,))
    for n in range(number):
        lead = make_lead(offer, f"{state}{n}@example.com").lead_id
        ended = timezone.now() - timedelta(hours=number - n)
        ended_at = None if state == "waiting" else ended
        told = {"cause": "http-422", "sentence": "No.", "attempts": 8}
        Delivery.objects.filter(lead=lead).update(state=state, finished_at=ended_at, **told)
    return list(Delivery.objects.filter(offer=offer).order_by("pk"))


def begin(chosen: object = None) -> Replay:
    found = replay.start(ALL() if chosen is None else chosen, filters={}, by=None)  # type: ignore[arg-type]
    assert found is not None
    return found


def states() -> list[str]:
    return list(ALL().order_by("pk").values_list("state", flat=True))


def go(replayed: Replay, *destinations: Destination) -> Replay:
    """Do what the workers do until nothing moves any more."""
    before = None
    while before != (before := list(ALL().order_by("pk").values("state", "claims", "put_back_at"))):
        for destination in destinations:
            delivery.drain(destination.pk)
        replay.advance(replayed.pk)
        after = list(ALL().order_by("pk").values("state", "claims", "put_back_at"))
        if after != before:
            before = None
    replayed.refresh_from_db()
    return replayed


def refuse(*emails: str) -> Callable[[LeadPayload], Receipt | DeliveryError]:
    return lambda lead: AGAIN if lead.email in emails else Receipt(status=200)


# What would happen


def test_a_plan_says_how_many_and_how_many_may_double_and_does_nothing(connect: Connect) -> None:
    one, two = connect("One"), connect("Two")
    for state in ("rejected", "uncertain", "gave_up", "waiting", "delivered", "withheld"):
        stop(one, state)
    stop(two, "rejected", 3)
    plan = replay.plan(ALL())
    assert (plan.count, plan.may_double, plan.canaries, plan.rest) == (7, 1, 2, 5)
    assert [(part.destination, part.count, part.may_double) for part in plan.parts] == [(one, 4, 1), (two, 3, 0)]
    assert not Replay.objects.exists()
    assert not ALL().filter(put_back_at__isnull=False).exists()


def test_what_is_in_a_replay_under_way_is_in_no_other_plan(connect: Connect) -> None:
    stop(connect(), "rejected", 3)
    begin()
    assert replay.plan(ALL()).count == 0
    assert replay.start(ALL(), filters={}, by=None) is None
    assert Replay.objects.count() == 1


def test_what_landed_or_is_withheld_is_never_sent_again(connect: Connect) -> None:
    destination = connect()
    for state in ("delivered", "withheld"):
        stop(destination, state)
    assert replay.start(ALL(), filters={}, by=None) is None
    assert not Replay.objects.exists()


# One first, then the others


def test_one_is_sent_first_and_the_others_stay_as_they_were(connect: Connect) -> None:
    destination = connect()
    stop(destination, "gave_up", 3)
    replayed = begin()
    assert states() == ["waiting", "gave_up", "gave_up"]
    assert (replayed.state, replayed.total) == ("canary", 3)
    assert progress(replayed) == Progress(total=3, landed=0, failed=0, on_its_way=1, parked=2, kept=0)
    replay.advance(replayed.pk)
    assert states() == ["waiting", "gave_up", "gave_up"]


def test_the_others_follow_when_it_has_landed_each_as_if_new(connect: Connect, scripted: type[Scripted]) -> None:
    destination = connect()
    stop(destination, "gave_up", 3)
    replayed = begin()
    delivery.drain(destination.pk)
    replay.advance(replayed.pk)
    replayed.refresh_from_db()
    assert states() == ["delivered", "waiting", "waiting"]
    assert replayed.state == "running"
    done = go(replayed, destination)
    assert set(ALL().values_list("state", "attempts")) == {("delivered", 1)}
    assert (done.state, done.landed, done.failed, done.kept, done.sentence) == ("done", 3, 0, 0, "")
    assert done.finished_at


def test_more_follow_for_each_that_lands_and_never_more_than_a_batch(
    connect: Connect, scripted: type[Scripted], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay_steps, "BATCH", 10)
    destination = connect()
    stop(destination, "rejected", 40)
    replayed = begin()
    in_line = []
    while replayed.state in Replay.OPEN:
        in_line.append(progress(replayed).on_its_way)
        delivery.drain(destination.pk)
        replay.advance(replayed.pk)
        replayed.refresh_from_db()
    assert in_line == [1, 4, 10, 10, 10, 5]
    assert replayed.landed == 40


def test_one_is_one_however_the_database_goes_about_it(connect: Connect) -> None:
    destination = connect()
    stop(destination, "rejected", 5)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off")
        cursor.execute("SET LOCAL enable_hashagg = off; SET LOCAL enable_sort = off; SET LOCAL enable_material = off")
        cursor.execute("SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off")
    begin()
    assert states() == ["waiting"] + ["rejected"] * 4


def test_each_destination_has_its_own_first(connect: Connect, scripted: type[Scripted]) -> None:
    one, two = connect("One"), connect("Two")
    stop(one, "rejected", 2)
    stop(two, "rejected", 2)
    replayed = begin()
    assert progress(replayed).on_its_way == 2
    delivery.drain(one.pk)
    replay.advance(replayed.pk)
    assert ALL().filter(destination=one, state="waiting").count() == 1
    assert ALL().filter(destination=two, state="rejected").count() == 1
    replayed.refresh_from_db()
    assert replayed.state == "canary"
    assert go(replayed, one, two).landed == 4


def test_what_failed_longest_ago_is_the_first(connect: Connect, scripted: type[Scripted]) -> None:
    destination = connect()
    first, second, _ = stop(destination, "rejected", 3)
    scripted.answer = staticmethod(refuse("rejected0@example.com"))
    go(begin(), destination)
    assert [lead.email for lead in scripted.sent] == ["rejected0@example.com"]
    again = begin()
    second.refresh_from_db()
    assert second.state == "waiting", "what can never pass is not tried first for ever"
    assert go(again, destination).landed == 2
    first.refresh_from_db()
    assert first.state == "rejected"


# A failure again


def test_nothing_follows_a_first_that_fails_again(connect: Connect, scripted: type[Scripted]) -> None:
    destination = connect()
    stop(destination, "rejected", 212)
    scripted.answer = staticmethod(lambda _: AGAIN)
    ended = go(begin(), destination)
    assert len(scripted.sent) == 1
    assert states() == ["rejected"] * 212
    assert (ended.state, ended.landed, ended.failed, ended.kept) == ("stopped", 0, 1, 211)
    assert ended.sentence == ("Sales endpoint failed again: No country is named. The other 211 stay as they were.")
    assert ALL().filter(replay=ended).count() == 1


def test_a_failure_among_the_others_stops_what_is_not_in_line_yet(
    connect: Connect, scripted: type[Scripted], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay_steps, "BATCH", 4)
    destination = connect()
    stop(destination, "rejected", 20)
    scripted.answer = staticmethod(refuse("rejected2@example.com"))
    ended = go(begin(), destination)
    assert (ended.state, ended.landed, ended.failed, ended.kept) == ("stopped", 4, 1, 15)
    assert len(scripted.sent) == 5


def test_one_destination_that_fails_again_does_not_stop_another(connect: Connect, scripted: type[Scripted]) -> None:
    one, two = connect("One"), connect("Two")
    stop(one, "rejected", 3)
    stop(two, "gave_up", 3)
    scripted.answer = staticmethod(refuse("rejected0@example.com"))
    ended = go(begin(), one, two)
    assert (ended.state, ended.landed, ended.failed, ended.kept) == ("stopped", 3, 1, 2)
    assert ended.sentence == "One failed again: No country is named. The other 2 stay as they were."


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (Unavailable("It is away.", cause="http-503"), "resting"),
        (Misconfigured("It refused the sign-in.", cause="sign-in"), "held"),
    ],
)
def test_a_target_that_is_still_away_or_refuses_us_stops_it_too(
    connect: Connect, scripted: type[Scripted], error: DeliveryError, state: str
) -> None:
    destination = connect()
    stop(destination, "gave_up", 5)
    scripted.answer = staticmethod(lambda _: error)
    ended = go(begin(), destination)
    destination.refresh_from_db()
    assert destination.state == state
    assert states() == ["waiting"] + ["gave_up"] * 4
    assert ended.sentence == f"Sales endpoint failed again: {error.sentence} The other 4 stay as they were."


def test_a_hold_that_another_lead_meets_stops_it_as_well(connect: Connect, scripted: type[Scripted]) -> None:
    destination = connect()
    stop(destination, "rejected", 3)
    ALL().update(created_at=timezone.now() - timedelta(hours=1))
    make_lead(make_offer(routes=(destination,)), "new@example.com")
    health.hold(Destination.objects.all(), Misconfigured("It refused the sign-in.", cause="sign-in"), timezone.now())
    scripted.answer = staticmethod(lambda _: Misconfigured("It refuses still.", cause="sign-in"))
    ended = go(begin(ALL().filter(state="rejected")), destination)
    assert [lead.email for lead in scripted.sent] == ["new@example.com"]
    assert ended.sentence == "Sales endpoint failed again: It refuses still. The other 2 stay as they were."
    assert ended.state == "stopped"


def test_a_dead_worker_is_no_failure_of_the_target(connect: Connect, scripted: type[Scripted]) -> None:
    destination = connect()
    stop(destination, "rejected", 2)
    replayed = begin()
    lost = {"state": "waiting", "cause": "worker-lost", "sentence": "Our worker stopped.", "attempts": 1}
    ALL().filter(state="waiting").update(**lost)
    replay.advance(replayed.pk)
    assert states() == ["waiting", "rejected"]
    assert go(replayed, destination).landed == 2


# What waits, and where


def test_what_waits_is_brought_forward_unspent(connect: Connect, scripted: type[Scripted]) -> None:
    destination = connect()
    [waiting] = stop(destination, "waiting")
    ALL().update(due_at=timezone.now() + timedelta(hours=8), attempts=3)
    replayed = begin()
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempts) == ("waiting", 3)
    assert waiting.due_at <= timezone.now()
    assert go(replayed, destination).landed == 1


def test_a_held_destination_tries_one_lead(connect: Connect) -> None:
    destination = connect()
    stop(destination, "waiting", 3)
    health.hold(Destination.objects.all(), Misconfigured("Refused.", cause="sign-in"), timezone.now())
    begin()
    destination.refresh_from_db()
    assert (destination.state, destination.rests) == ("resting", 0)


def test_what_waits_at_a_held_destination_goes_out_once_the_target_has_mended(
    connect: Connect, scripted: type[Scripted]
) -> None:
    destination = connect()
    stop(destination, "waiting", 30)
    health.hold(Destination.objects.all(), Misconfigured("Refused.", cause="sign-in"), timezone.now())
    done = go(begin(), destination)
    assert (done.state, done.landed) == ("done", 30)
    assert len(scripted.sent) == 30


def test_a_paused_destination_stays_paused_and_its_leads_as_they_are(connect: Connect) -> None:
    destination = connect()
    stop(destination, "rejected", 2)
    Destination.objects.update(state="paused")
    replayed = begin()
    destination.refresh_from_db()
    assert destination.state == "paused"
    assert states() == ["rejected", "rejected"]
    assert (replayed.state, replayed.kept) == ("stopped", 2)
    assert replayed.sentence == "Sales endpoint is paused: resume it, then send again. All 2 stay as they were."


# Chosen, stopped, told


def test_a_filter_chooses(connect: Connect) -> None:
    one, two = connect("One"), connect("Two")
    stop(one, "rejected", 2)
    stop(two, "gave_up")
    chosen = DeliveryFilter(destination=one.pk).apply(ALL())
    assert begin(chosen).total == 2
    assert Delivery.objects.get(destination=two).replay is None


def test_somebody_stops_it_and_the_rest_stays_as_it_was(connect: Connect, scripted: type[Scripted]) -> None:
    destination = connect()
    stop(destination, "rejected", 5)
    before = list(ALL().order_by("pk")[1:].values("state", "attempts", "finished_at", "cause", "sentence"))
    replayed, owner = begin(), make_member()
    assert replay.stop(replayed, owner)
    assert not replay.stop(replayed, owner), "it has ended already"
    replayed.refresh_from_db()
    assert (replayed.state, replayed.kept) == ("stopped", 4)
    assert replayed.sentence == "owner-contoso stopped it."
    assert progress(replayed) == Progress(total=5, landed=0, failed=0, on_its_way=1, parked=0, kept=4)
    delivery.drain(destination.pk)
    replay.advance(replayed.pk)
    assert list(ALL().order_by("pk")[1:].values(*before[0])) == before
    assert replay.plan(ALL()).count == 4


def test_it_says_by_whom_what_and_for_which_publisher(connect: Connect, django_user_model: type[User]) -> None:
    owner = make_member()
    stop(connect(), "uncertain", 2)
    found = replay.start(ALL(), filters={"state": "uncertain"}, by=owner)
    assert found is not None
    assert (found.started_by, found.filters, found.may_double) == (owner, {"state": "uncertain"}, 2)
    assert found.publisher == make_publisher()


def test_one_of_two_publishers_belongs_to_none(connect: Connect) -> None:
    stop(connect(), "rejected")
    fabrikam = make_publisher("fabrikam")
    there = connect(publisher=fabrikam)
    make_lead(make_offer(publisher=fabrikam, routes=(there,)))
    assert begin().publisher is None


def test_what_ended_keeps_its_numbers_when_the_same_is_sent_again(connect: Connect, scripted: type[Scripted]) -> None:
    destination = connect()
    stop(destination, "rejected", 3)
    scripted.answer = staticmethod(lambda _: AGAIN)
    first = go(begin(), destination)
    told = progress(first)
    scripted.answer = staticmethod(lambda _: Receipt(status=200))
    assert go(begin(), destination).landed == 3
    assert progress(first) == told == Progress(total=3, landed=0, failed=1, on_its_way=0, parked=0, kept=2)


# Consent, and do not contact


def test_what_a_customer_did_not_agree_to_stays_withheld(connect: Connect) -> None:
    make_lead(make_offer(routes=(connect(),)), consent=False)
    assert replay.start(ALL(), filters={}, by=None) is None
    assert states() == ["withheld"]


def test_a_customer_who_asked_not_to_be_contacted_meanwhile_travels_with_that_mark(
    connect: Connect, scripted: type[Scripted]
) -> None:
    destination = connect()
    [stopped] = stop(destination, "rejected")
    offer = Offer.objects.get()
    asked = make_lead(offer, stopped.lead.email, source=Source.APPSOURCE, action=Action.DO_NOT_CONTACT)
    assert Customer.objects.get().do_not_contact
    go(begin(ALL().exclude(lead=asked.lead_id)), destination)
    sent = {lead.id: lead.do_not_contact for lead in scripted.sent}
    assert sent[str(stopped.lead_id)] is True


# Pressed twice, a due time, a dead worker


def press_at_once(*acts: Callable[[], object]) -> None:
    barrier = Barrier(len(acts))

    def press(act: Callable[[], object]) -> None:
        barrier.wait()
        try:
            act()
        finally:
            connections.close_all()

    threads = [Thread(target=press, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_pressed_by_four_at_once_sends_once(connect: Connect, scripted: type[Scripted]) -> None:
    destination = connect()
    stop(destination, "rejected", 30)
    started: list[Replay | None] = []

    def press() -> None:
        started.append(replay.start(ALL(), filters={}, by=None))
        delivery.drain(destination.pk)

    press_at_once(*[press] * 4)
    [replayed] = [found for found in started if found]
    assert go(replayed, destination).landed == 30
    assert len(scripted.sent) == len({lead.id for lead in scripted.sent}) == 30


@pytest.mark.django_db(transaction=True)
def test_a_replay_and_a_try_that_comes_due_send_once(connect: Connect, scripted: type[Scripted]) -> None:
    destination = connect()
    [waiting] = stop(destination, "waiting")
    for attempt in range(1, 9):
        ALL().update(state="waiting", due_at=timezone.now(), finished_at=None, replay=None, put_back_at=None)
        press_at_once(
            lambda: replay.start(ALL(), filters={}, by=None),
            lambda: delivery.drain(destination.pk),
        )
        delivery.drain(destination.pk)
        waiting.refresh_from_db()
        assert (waiting.state, len(scripted.sent)) == ("delivered", attempt)


@pytest.mark.django_db(transaction=True)
def test_many_that_take_the_next_step_at_once_take_it_once(connect: Connect, scripted: type[Scripted]) -> None:
    destination = connect()
    stop(destination, "rejected", 12)
    replayed = begin()
    delivery.drain(destination.pk)
    press_at_once(*[lambda: replay.advance(replayed.pk)] * 4)
    assert progress(replayed).on_its_way == 4
    assert go(replayed, destination).landed == 12
    assert Attempt.objects.count() == 12


@pytest.mark.django_db(transaction=True)
def test_stopping_it_and_its_next_step_at_once_lose_nothing(connect: Connect, scripted: type[Scripted]) -> None:
    destination = connect()
    stop(destination, "rejected", 12)
    replayed, owner = begin(), make_member()
    delivery.drain(destination.pk)
    press_at_once(lambda: replay.advance(replayed.pk), lambda: replay.stop(replayed, owner))
    delivery.drain(destination.pk)
    replayed.refresh_from_db()
    assert replayed.state == "stopped"
    assert ALL().filter(state="delivered").count() + replayed.kept == 12


def test_a_drain_has_the_replays_that_wait_for_it_go_on(
    connect: Connect, scripted: type[Scripted], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = connect("One"), connect("Two")
    stop(one, "rejected", 2)
    stop(two, "gave_up", 2)
    first, _ = begin(ALL().filter(destination=one)), begin(ALL().filter(destination=two))
    called: list[tuple[str, dict[str, int]]] = []
    monkeypatch.setattr("leads.wake.publish", lambda task, **arguments: called.append((task, arguments)))
    delivery.drain(one.pk)
    assert [call for call in called if call[0] == "leads.replay"] == [("leads.replay", {"replay_id": first.pk})]


def test_the_sweep_has_every_replay_go_on(
    connect: Connect, scripted: type[Scripted], monkeypatch: pytest.MonkeyPatch
) -> None:
    stop(connect(), "rejected", 2)
    replayed = begin()
    called: list[dict[str, int]] = []
    monkeypatch.setattr("leads.wake.publish", lambda _, **arguments: called.append(arguments))
    replay.wake_unfinished()
    assert called == [{"replay_id": replayed.pk}]


def test_a_replay_that_has_ended_takes_no_step(connect: Connect) -> None:
    stop(connect(), "rejected", 2)
    replayed = begin()
    Replay.objects.update(state="done", finished_at=timezone.now())
    replay.advance(replayed.pk)
    assert states() == ["waiting", "rejected"]
