from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leads import intake
from leads.intake import Contact as Person
from leads.intake import Event
from leads.models import Notice, Offer, Trouble
from leads.notify import silence
from leads.taxonomy import Action, Source
from tests.factories import make_lead, make_offer, make_publisher
from tests.leads.clock import Clock
from tests.leads.clock import clock as clock
from tests.leads.told import ADA, GRACE, last, links, subjects, want

pytestmark = pytest.mark.django_db

SILENT, AGAIN = "No leads for Contoso CRM since", "Leads come again for Contoso CRM"


@pytest.fixture
def offer(clock: Clock) -> Offer:
    want()
    return make_offer()


def came(offer: Offer, *times: datetime) -> None:
    """Let leads have come in at these times."""
    intake.receive_many(
        [
            Event(
                offer=offer,
                source=Source.AZURE_MARKETPLACE,
                action=Action.INSTALL,
                contact=Person(email=f"buyer-{number}@example.com"),
                received_at=at,
            )
            for number, at in enumerate(times)
        ]
    )


def rhythm(clock: Clock, *hours: float, weeks: tuple[int, ...] = (1, 2, 3, 4)) -> list[datetime]:
    """Give the times so many hours after the same moment of earlier weeks."""
    return [clock.now - timedelta(weeks=week) + timedelta(hours=hour) for week in weeks for hour in hours]


def watch(clock: Clock, *, hours: float) -> None:
    for _ in range(int(hours * 4)):
        clock.turn(minutes=15)
        silence.look()


def test_an_offer_that_falls_silent_is_told_of(offer: Offer, clock: Clock) -> None:
    came(offer, clock.now, *rhythm(clock, 0.5, 1, 1.5, 2, 2.5, 3, 3.5))
    watch(clock, hours=6)
    assert subjects() == [f"{SILENT} 18 Nov, 12:00 UTC"]
    assert "these hours brought about 5 leads on average" in last().body
    assert links(last()) == ["/offers/contoso.crm/", "/notifications/"]


def test_a_silence_is_told_once_and_its_end_too(offer: Offer, clock: Clock) -> None:
    came(offer, clock.now, *rhythm(clock, 0.5, 1, 1.5, 2, 2.5, 3, 3.5))
    watch(clock, hours=30)
    came(offer, clock.now, clock.now)
    watch(clock, hours=1)
    assert [subject.partition(" since")[0] for subject in subjects()] == ["No leads for Contoso CRM", AGAIN]
    assert "after a silence of 1 day, 6 hours. By now there are 2." in last().body
    assert links(last()) == ["/leads/?offer=contoso.crm", "/notifications/"]
    watch(clock, hours=3)
    assert len(subjects()) == 2


def test_hours_that_are_always_silent_are_no_silence(offer: Offer, clock: Clock) -> None:
    came(offer, clock.now, *rhythm(clock, -8, -7, -6, -5, -4, -3, -2, -1), *rhythm(clock, 16, 17, 18))
    watch(clock, hours=15)
    assert subjects() == []


def test_a_few_leads_a_week_are_no_rhythm(offer: Offer, clock: Clock) -> None:
    came(offer, clock.now, *rhythm(clock, 20, 70, 120))
    watch(clock, hours=24 * 8)
    assert subjects() == []


def test_one_busy_week_is_no_rhythm(offer: Offer, clock: Clock) -> None:
    came(offer, clock.now, *rhythm(clock, *(hour / 20 for hour in range(1, 81)), weeks=(2,)))
    watch(clock, hours=24)
    assert subjects() == []


def test_fewer_than_three_expected_are_not_missed(offer: Offer, clock: Clock) -> None:
    came(offer, clock.now, *rhythm(clock, 1, 2), *rhythm(clock, 1.5, weeks=(1, 2, 3)))
    watch(clock, hours=24)
    assert subjects() == []


def test_the_busier_an_offer_the_more_must_be_missing(offer: Offer, clock: Clock) -> None:
    week_of_one_every_six_minutes = [number / 10 for number in range(1, 24 * 70)]
    came(offer, clock.now, *rhythm(clock, *week_of_one_every_six_minutes))
    clock.turn(minutes=61)
    silence.look()
    [quiet] = silence.quiet_offers(clock.now)
    assert (quiet.expected, quiet.weeks) == (10, 4)
    assert subjects() == [], "by chance, ten do not come once in some months"
    clock.turn(minutes=10)
    silence.look()
    assert subjects() == [f"{SILENT} 18 Nov, 12:00 UTC"]


def test_leads_by_chance_alone_hardly_ever_look_like_a_silence(offer: Offer, clock: Clock) -> None:
    draw, hours, times = Random(7), 0.0, []
    while hours < 7 * 24 * 7:
        hours += draw.expovariate(100 / (7 * 24))
        times.append(clock.now + timedelta(hours=hours))
    before = [at for at in times if at < clock.now + timedelta(weeks=4)]
    came(offer, *before)
    alarms = 0
    for at in times[len(before) :]:
        clock.now = at
        alarms += sum(quiet.is_silence for quiet in silence.quiet_offers(at))
        came(offer, at)
    assert alarms <= 1, "of three hundred gaps, fifteen have room for three leads that did not come"


def test_leads_that_are_no_customers_do_not_break_a_silence(offer: Offer, clock: Clock) -> None:
    came(offer, clock.now, *rhythm(clock, 0.5, 1, 1.5, 2, 2.5, 3, 3.5))
    clock.turn(hours=3)
    Offer.objects.filter(pk=offer.pk).update(status="preview")
    make_lead(Offer.objects.get(pk=offer.pk))
    Offer.objects.filter(pk=offer.pk).update(status="live")
    watch(clock, hours=3)
    assert len(subjects()) == 1


@pytest.mark.parametrize("status", ["draft", "publishing", "preview"])
def test_an_offer_that_is_not_live_is_not_missed(offer: Offer, clock: Clock, status: str) -> None:
    came(offer, clock.now, *rhythm(clock, 0.5, 1, 1.5, 2, 2.5, 3, 3.5))
    Offer.objects.filter(pk=offer.pk).update(status=status)
    watch(clock, hours=6)
    assert subjects() == []


def test_an_offer_that_is_taken_off_ends_its_silence_without_a_word(offer: Offer, clock: Clock) -> None:
    came(offer, clock.now, *rhythm(clock, 0.5, 1, 1.5, 2, 2.5, 3, 3.5))
    watch(clock, hours=6)
    Offer.objects.filter(pk=offer.pk).update(status="preview")
    watch(clock, hours=1)
    [trouble] = Trouble.objects.all()
    assert trouble.ended_at is not None
    assert len(subjects()) == 1


def test_a_second_silence_within_a_day_is_not_told_of(offer: Offer, clock: Clock) -> None:
    came(offer, clock.now, *rhythm(clock, *(number / 4 for number in range(1, 120))))
    watch(clock, hours=4)
    came(offer, clock.now)
    watch(clock, hours=20)
    assert len(subjects()) == 2
    watch(clock, hours=6)
    assert len(subjects()) == 3, "the day is over, and it is still silent"


def test_only_the_offers_own_publisher_is_told(offer: Offer, clock: Clock) -> None:
    want("mallory@fabrikam.example", publisher=make_publisher("fabrikam"))
    want(GRACE, new_leads=True)
    came(offer, clock.now, *rhythm(clock, 0.5, 1, 1.5, 2, 2.5, 3, 3.5))
    watch(clock, hours=30)
    came(offer, clock.now)
    watch(clock, hours=1)
    assert set(Notice.objects.values_list("recipient", flat=True)) == {ADA}


def test_no_person_is_named(offer: Offer, clock: Clock) -> None:
    came(offer, clock.now, *rhythm(clock, 0.5, 1, 1.5, 2, 2.5, 3, 3.5))
    watch(clock, hours=30)
    came(offer, clock.now)
    watch(clock, hours=1)
    assert [word for notice in Notice.objects.all() for word in ("buyer", "@example.com") if word in notice.body] == []


def test_all_offers_are_measured_in_one_statement(offer: Offer, clock: Clock) -> None:
    for number in range(5):
        came(make_offer(f"more-{number}"), clock.now)
    came(offer, clock.now)
    clock.turn(hours=2)
    with CaptureQueriesContext(connection) as queries:
        assert len(silence.quiet_offers(clock.now)) == 6
    assert len(queries) == 1
