from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import close_old_connections, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from connectors.errors import Misconfigured, Unavailable
from leads import health
from leads.models import Delivery, Destination, Notice, Trouble
from leads.notify import contacts, troubles
from leads.notify.contacts import Wishes
from tests.factories import make_destination, make_lead, make_offer, make_publisher
from tests.leads.clock import Clock
from tests.leads.clock import clock as clock
from tests.leads.told import ADA, GRACE, last, links, subjects, want

pytestmark = pytest.mark.django_db

REFUSED = Misconfigured("It refused the sign-in (401).", fix="Save the right token.", cause="sign-in-refused")
AWAY = Unavailable("It does not answer.", fix="Nothing to do: we try again.", cause="timeout")


@pytest.fixture
def place(clock: Clock) -> Destination:
    return make_destination()


@transaction.atomic
def hold(place: Destination, clock: Clock) -> None:
    health.hold(Destination.objects.filter(pk=place.pk), REFUSED, clock.now)


def rest(place: Destination, clock: Clock) -> None:
    health.rest(Destination.objects.filter(pk=place.pk), AWAY, clock.now)


def revive(place: Destination) -> None:
    health.revive(Destination.objects.filter(pk=place.pk))


def look(clock: Clock, **after: float) -> None:
    clock.turn(**after)
    troubles.look()


def watch(clock: Clock, *, minutes: int, step: int = 1) -> None:
    """Let time go by, with a look every minute or every few."""
    for _ in range(0, minutes, step):
        look(clock, minutes=step)


def wait(place: Destination, *, leads: int) -> None:
    offer = make_offer(routes=(place,))
    for number in range(leads):
        make_lead(offer, f"buyer-{number}@example.com")


def finish(number: int, clock: Clock, state: str = "delivered") -> None:
    chosen = Delivery.objects.filter(state="waiting").order_by("pk").values("pk")[:number]
    Delivery.objects.filter(pk__in=list(chosen.values_list("pk", flat=True))).update(
        state=state, finished_at=clock.now, claimed_until=None
    )


# Held


def test_a_hold_is_told_once_it_has_lasted_a_minute(place: Destination, clock: Clock) -> None:
    want()
    hold(place, clock)
    look(clock, seconds=50)
    assert subjects() == []
    look(clock, seconds=10)
    assert subjects() == ["Sales endpoint is held"]


def test_a_hold_that_stays_is_told_once(place: Destination, clock: Clock) -> None:
    want()
    hold(place, clock)
    watch(clock, minutes=90, step=5)
    hold(place, clock)
    watch(clock, minutes=90, step=5)
    assert subjects() == ["Sales endpoint is held"]


def test_the_mail_names_cause_repair_number_and_place(place: Destination, clock: Clock) -> None:
    want()
    wait(place, leads=3)
    hold(place, clock)
    look(clock, minutes=2)
    mail = last()
    assert mail.subject == "Sales endpoint is held: 3 leads wait"
    assert mail.body.startswith("It refused the sign-in (401).\nSave the right token.\n")
    assert "since 18 Nov 2026, 12:00 UTC. Nothing is lost" in mail.body
    assert links(mail) == [f"/destinations/{place.pk}/edit/", "/notifications/"]


def test_nothing_of_the_leads_that_wait_is_in_the_mail(place: Destination, clock: Clock) -> None:
    want()
    wait(place, leads=1)
    hold(place, clock)
    look(clock, minutes=2)
    assert "buyer" not in last().body + last().subject


def test_only_the_publishers_own_contacts_who_want_it_are_told(place: Destination, clock: Clock) -> None:
    want(ADA)
    want(GRACE, digest=True, new_leads=True)
    want("mallory@fabrikam.example", publisher=make_publisher("fabrikam"))
    hold(place, clock)
    look(clock, minutes=2)
    assert list(Notice.objects.values_list("recipient", flat=True)) == [ADA]


def test_a_name_with_marks_is_told_as_it_is_written(clock: Clock) -> None:
    want()
    hold(make_destination("R&D <test> 'desk'\nBcc: eve@example.com"), clock)
    look(clock, minutes=2)
    assert subjects()[0].startswith("R&D <test> 'desk'")
    assert "\n" not in subjects()[0]


# Resting


def test_a_rest_is_told_after_an_hour(place: Destination, clock: Clock) -> None:
    want()
    wait(place, leads=2)
    rest(place, clock)
    watch(clock, minutes=59)
    assert subjects() == []
    watch(clock, minutes=1)
    assert subjects() == ["Sales endpoint has been away for over an hour: 2 leads wait"]
    assert links(last()) == [f"/destinations/{place.pk}/", "/notifications/"]
    rest(place, clock)
    watch(clock, minutes=90, step=5)
    assert len(subjects()) == 1


def test_a_rest_that_keeps_nobody_waiting_is_not_told(place: Destination, clock: Clock) -> None:
    want()
    rest(place, clock)
    watch(clock, minutes=90, step=5)
    assert subjects() == []


def test_a_rest_that_becomes_a_hold_is_told_as_both_and_not_the_other_way_round(
    place: Destination, clock: Clock
) -> None:
    want()
    wait(place, leads=1)
    rest(place, clock)
    watch(clock, minutes=61)
    hold(place, clock)
    watch(clock, minutes=5)
    rest(place, clock)
    watch(clock, minutes=90, step=5)
    hold(place, clock)
    watch(clock, minutes=5)
    assert subjects() == [
        "Sales endpoint has been away for over an hour: 1 lead waits",
        "Sales endpoint is held: 1 lead waits",
    ]


def test_a_repair_that_has_not_been_proved_is_neither_away_nor_well(place: Destination, clock: Clock) -> None:
    want()
    hold(place, clock)
    Destination.objects.filter(pk=place.pk).update(state="paused")
    clock.turn(hours=5)
    place.refresh_from_db()
    health.probe(place)
    wait(place, leads=1)
    watch(clock, minutes=90, step=5)
    assert subjects() == []


def test_a_pause_is_no_trouble(place: Destination, clock: Clock) -> None:
    want()
    wait(place, leads=1)
    health.pause(place)
    watch(clock, minutes=90, step=5)
    assert subjects() == []


# Recovered


def test_an_end_is_told_once_it_has_been_well_for_ten_minutes(place: Destination, clock: Clock) -> None:
    want()
    hold(place, clock)
    watch(clock, minutes=2)
    revive(place)
    watch(clock, minutes=10)
    assert len(subjects()) == 1
    watch(clock, minutes=1)
    assert subjects()[1:] == ["Sales endpoint takes leads again"]
    watch(clock, minutes=60)
    assert len(subjects()) == 2


def test_the_end_tells_what_became_of_the_leads_that_waited(place: Destination, clock: Clock) -> None:
    want()
    wait(place, leads=2)
    finish(2, clock)
    clock.turn(minutes=5)
    hold(place, clock)
    for number in range(6):
        make_lead(place.offers.get(), f"late-{number}@example.com")
    make_lead(place.offers.get(), "silent@example.com", consent=False)
    watch(clock, minutes=2)
    revive(place)
    finish(4, clock)
    finish(1, clock, "rejected")
    watch(clock, minutes=1)
    make_lead(place.offers.get(), "new@example.com")
    watch(clock, minutes=11)
    assert "6 leads waited meanwhile:\n  4 delivered\n  1 still on the way\n  1 refused\n" in last().body
    assert links(last()) == [f"/deliveries/?destination={place.pk}", "/notifications/"]


def test_an_end_that_nobody_waited_for_says_so(place: Destination, clock: Clock) -> None:
    want()
    hold(place, clock)
    watch(clock, minutes=2)
    revive(place)
    watch(clock, minutes=12)
    assert "No lead had to wait." in last().body


def test_a_short_trouble_is_not_told_at_all(place: Destination, clock: Clock) -> None:
    want()
    wait(place, leads=1)
    for _ in range(20):
        rest(place, clock)
        watch(clock, minutes=30, step=5)
        revive(place)
        watch(clock, minutes=30, step=5)
    assert Trouble.objects.count() == 0
    assert subjects() == []


def test_one_that_comes_and_goes_is_told_once(place: Destination, clock: Clock) -> None:
    want()
    for _ in range(30):
        hold(place, clock)
        watch(clock, minutes=3)
        revive(place)
        watch(clock, minutes=8)
    assert subjects() == ["Sales endpoint is held"]


def test_one_that_comes_and_goes_slowly_is_told_less_and_less(place: Destination, clock: Clock) -> None:
    want()
    for _ in range(24):
        hold(place, clock)
        watch(clock, minutes=30, step=5)
        revive(place)
        watch(clock, minutes=30, step=5)
    assert len(subjects()) == 5, "held, again, held, again, held; then it must be well for longer than it ever is"


def test_a_pause_during_a_trouble_is_not_its_end(place: Destination, clock: Clock) -> None:
    want()
    hold(place, clock)
    watch(clock, minutes=2)
    place.refresh_from_db()
    health.pause(place)
    watch(clock, minutes=60)
    assert subjects() == ["Sales endpoint is held"]


def test_the_end_is_told_to_who_was_told_of_the_beginning(place: Destination, clock: Clock) -> None:
    ada = want(ADA)
    hold(place, clock)
    watch(clock, minutes=2)
    want(GRACE)
    revive(place)
    watch(clock, minutes=12)
    assert subjects(GRACE) == []
    assert len(subjects(ADA)) == 2
    contacts.change(ada, Wishes(digest=True))
    hold(place, clock)
    watch(clock, minutes=2)
    assert (len(subjects(ADA)), len(subjects(GRACE))) == (2, 1)


def test_a_trouble_that_nobody_wanted_to_hear_of_is_not_told_to_who_comes_later(
    place: Destination, clock: Clock
) -> None:
    hold(place, clock)
    watch(clock, minutes=2)
    want()
    watch(clock, minutes=2)
    revive(place)
    watch(clock, minutes=15)
    assert subjects() == []


# Crashes and crowds


def test_a_crash_between_the_trouble_and_its_mail_loses_neither(
    place: Destination, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object, **__: object) -> None:
        raise RuntimeError("out of memory")

    want()
    hold(place, clock)
    with monkeypatch.context() as broken:
        broken.setattr(troubles, "tell", crash)
        with pytest.raises(RuntimeError, match="out of memory"):
            look(clock, minutes=2)
    assert Trouble.objects.count() == 0
    look(clock, minutes=1)
    assert subjects() == ["Sales endpoint is held"]


@pytest.mark.django_db(transaction=True)
def test_looks_at_once_tell_once(place: Destination, clock: Clock) -> None:
    def work(_: int) -> None:
        try:
            troubles.look()
        finally:
            connections.close_all()

    want()
    hold(place, clock)
    clock.turn(minutes=2)
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(work, range(12)))
    close_old_connections()
    assert subjects() == ["Sales endpoint is held"]


def test_a_look_costs_the_same_however_many_destinations_are_in_known_trouble(clock: Clock) -> None:
    want()

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            look(clock, seconds=1)
        return len([query for query in queries if "UPDATE" not in query["sql"]])

    for name in ("One", "Two"):
        hold(make_destination(name), clock)
    look(clock, minutes=2)
    few = cost()
    for number in range(8):
        hold(make_destination(f"More {number}"), clock)
    look(clock, minutes=2)
    assert cost() == few <= 8
