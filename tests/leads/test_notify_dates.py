from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from connectors.errors import Misconfigured
from leads import health
from leads.models import Delivery, Destination, Notice
from leads.notify import digest, expiry
from leads.taxonomy import Action, Source
from tests.factories import make_destination, make_lead, make_offer, make_publisher
from tests.leads.clock import Clock
from tests.leads.clock import clock as clock
from tests.leads.told import ADA, GRACE, last, links, subjects, want

pytestmark = pytest.mark.django_db

REFUSED = Misconfigured("It refused the sign-in (401).", cause="sign-in-refused")


def ends(in_days: int, clock: Clock) -> Destination:
    place = make_destination()
    place.secret_expires_on = clock.now.date() + timedelta(days=in_days)
    place.save()
    return place


def look(clock: Clock, *, days: int) -> None:
    """Let days go by, with a look every few hours."""
    for _ in range(days * 4):
        clock.turn(hours=6)
        expiry.look()
        digest.look()


# Secrets


def test_the_end_of_a_secret_is_told_14_7_and_1_days_before(clock: Clock) -> None:
    want()
    place = ends(20, clock)
    look(clock, days=40)
    when = ["ends in 14 days", "ends in 7 days", "ends tomorrow"]
    assert subjects() == [f"The secret of Sales endpoint {word}" for word in when]
    assert "good until 8 Dec 2026. From then on HTTPS endpoint may refuse" in last().body
    assert links(last()) == [f"/destinations/{place.pk}/edit/", "/notifications/"]


def test_a_day_that_is_set_late_is_told_of_at_once_and_only_as_it_is(clock: Clock) -> None:
    want()
    ends(5, clock)
    expiry.look()
    assert subjects() == ["The secret of Sales endpoint ends in 5 days"]


@pytest.mark.parametrize(("days", "words"), [(0, "ends today"), (-2, "ended on 16 Nov")])
def test_an_end_that_has_come_is_told_of_as_such(clock: Clock, days: int, words: str) -> None:
    want()
    ends(days, clock)
    expiry.look()
    assert subjects() == [f"The secret of Sales endpoint {words}"]


@pytest.mark.parametrize("days", [15, -8])
def test_an_end_far_away_is_not_told_of(clock: Clock, days: int) -> None:
    want()
    ends(days, clock)
    expiry.look()
    assert subjects() == []


def test_a_new_secret_is_told_of_anew(clock: Clock) -> None:
    want()
    place = ends(1, clock)
    expiry.look()
    Destination.objects.filter(pk=place.pk).update(secret_expires_on=date(2026, 11, 30))
    expiry.look()
    assert subjects()[1:] == ["The secret of Sales endpoint ends in 12 days"]


def test_only_the_destinations_own_publisher_is_told(clock: Clock) -> None:
    want()
    want(GRACE, digest=True)
    want("mallory@fabrikam.example", publisher=make_publisher("fabrikam"))
    ends(3, clock)
    expiry.look()
    assert list(Notice.objects.values_list("recipient", flat=True)) == [ADA]


# The digest


def test_the_digest_of_a_day_comes_once_the_next_morning(clock: Clock) -> None:
    want(digest=True)
    clock.now = clock.now.replace(hour=5, minute=59)
    digest.look()
    assert subjects() == []
    clock.turn(minutes=1)
    digest.look()
    assert subjects() == ["17 Nov: no leads"]
    look(clock, days=3)
    assert [subject.partition(":")[0] for subject in subjects()] == ["17 Nov", "18 Nov", "19 Nov", "20 Nov"]


def test_a_digest_that_has_been_written_is_not_written_again(clock: Clock) -> None:
    want(digest=True)
    digest.look()
    with CaptureQueriesContext(connection) as queries:
        digest.look()
    assert len(queries) == 2, "who reads it, and who has got it"


def test_a_morning_that_was_missed_is_made_up_for_later_that_day(clock: Clock) -> None:
    want(digest=True)
    clock.now = clock.now.replace(hour=22)
    digest.look()
    assert subjects() == ["17 Nov: no leads"]


def test_the_digest_has_the_days_numbers_and_they_add_up(clock: Clock) -> None:
    want(digest=True)
    place = make_destination()
    crm, firewall = make_offer(routes=(place,)), make_offer("firewall", title="Contoso Firewall")
    make_lead(crm, "yesterday@example.com")
    clock.now = clock.now.replace(day=19, hour=0)
    for number in range(3):
        make_lead(crm, f"buyer-{number}@example.com")
    make_lead(crm, "buyer-0@example.com", source=Source.TEST_DRIVE, action=Action.START_TEST_DRIVE)
    make_lead(crm, "silent@example.com", consent=False)
    make_lead(firewall, source=Source.APPSOURCE, action=Action.PARTNER_LED_TRIAL)
    Delivery.objects.filter(lead__email__in=["buyer-1@example.com", "buyer-2@example.com"]).update(
        state="delivered", finished_at=clock.now
    )
    clock.turn(days=1)
    make_lead(crm, "today@example.com")
    clock.turn(hours=7)
    digest.look()
    assert last().subject == "19 Nov: 6 leads"
    _, _, numbers = last().body.partition("6 received, of which\n")
    states = ["2 delivered", "2 waiting", "1 withheld, without consent", "1 kept here, without a destination"]
    assert numbers.startswith("".join(f"  {state}\n" for state in states))
    assert "Contoso CRM: 5 leads of 4 customers\n  1 test drive, 4 initial interest, 0 active\n" in last().body
    assert "Contoso Firewall: 1 lead of 1 customer\n  0 test drive, 0 initial interest, 1 active\n" in last().body
    assert "Nothing needs anybody" in last().body
    assert "@example.com" not in last().body


def test_the_digest_says_what_needs_somebody(clock: Clock) -> None:
    want(digest=True)
    place = make_destination()
    make_lead(make_offer(routes=(place,)))
    health.hold(Destination.objects.filter(pk=place.pk), REFUSED, clock.now)
    look(clock, days=1)
    assert last().subject == "18 Nov: 1 lead, 1 thing needs somebody"
    assert "- Sales endpoint, held: It refused the sign-in (401). 1 lead waits.\n" in last().body
    assert links(last()) == ["/", "/notifications/"]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("uncertain", "to decide: 1 lead may or may not have arrived. The line went dead."),
        ("rejected", "refused 1 lead. The line went dead."),
        ("gave_up", "given up after many tries: 1 lead. The line went dead."),
    ],
)
def test_leads_that_stopped_need_somebody_too(clock: Clock, state: str, words: str) -> None:
    want(digest=True)
    make_lead(make_offer(routes=(make_destination(),)))
    Delivery.objects.update(state=state, finished_at=clock.now, sentence="The line went dead.", cause="dead")
    look(clock, days=1)
    assert f"- Sales endpoint, {words}\n" in last().body


def test_each_publisher_reads_their_own(clock: Clock) -> None:
    want(digest=True)
    want(GRACE, digest=True)
    theirs = make_publisher("fabrikam")
    want("mallory@fabrikam.example", publisher=theirs, digest=True)
    want("quiet@contoso.example", problems=True)
    make_lead(make_offer(routes=(make_destination(),)))
    look(clock, days=1)
    assert subjects() == subjects(GRACE) == ["17 Nov: no leads", "18 Nov: 1 lead"]
    assert subjects("mallory@fabrikam.example") == ["17 Nov: no leads", "18 Nov: no leads"]
    assert "Contoso" not in last("mallory@fabrikam.example").body
    assert subjects("quiet@contoso.example") == []
