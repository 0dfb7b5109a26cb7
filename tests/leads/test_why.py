from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from connectors.errors import Misconfigured, Rejected, Unavailable
from leads import delivery, health, replay
from leads.models import Delivery, Destination, Lead, Offer
from leads.taxonomy import Action, Source
from leads.timeline import Moment, timeline, with_story
from leads.why import next_try, what_next, why, why_lead
from tests.factories import make_lead, make_member, make_offer
from tests.leads.scripted import Scripted, accept

pytestmark = pytest.mark.django_db

Connect = Callable[..., Destination]
LATER = timezone.now().replace(microsecond=0) + timedelta(days=2)
FOLLOW = "and the others follow when it lands. Saving new settings sends one lead first, at once."
CLOCK = f"{LATER:%Y-%m-%d %H:%M} UTC"


@pytest.fixture
def place(connect: Connect) -> Destination:
    return connect()


@pytest.fixture
def offer(place: Destination) -> Offer:
    return make_offer(routes=(place,))


def one(offer: Offer, **told: object) -> Delivery:
    """Make a delivery that stands so."""
    lead = make_lead(offer)
    Delivery.objects.filter(lead=lead.lead_id).update(**told)
    return Delivery.objects.select_related("destination").get(lead=lead.lead_id)


ENDED = {"finished_at": LATER, "attempts": 8, "sentence": "No."}


@pytest.mark.parametrize(
    ("told", "where", "then"),
    [
        ({}, "In line for Sales endpoint.", "It goes out within seconds."),
        (
            {"attempts": 2, "due_at": LATER, "sentence": "It is away."},
            f"Next try at {CLOCK}. It is away.",
            f"It is tried at {CLOCK}; 6 are left. It would be sent at once if you pressed “Try now”.",
        ),
        (
            {"attempts": 7, "due_at": LATER, "sentence": "It is away."},
            f"Next try at {CLOCK}. It is away.",
            f"It is tried at {CLOCK}; the last. It would be sent at once if you pressed “Try now”.",
        ),
        (
            {"state": "sending", "claimed_until": LATER},
            "On its way to Sales endpoint.",
            "Its answer comes within a minute or so.",
        ),
        ({"state": "delivered"} | ENDED, "Delivered to Sales endpoint.", ""),
        (
            {"state": "rejected"} | ENDED,
            "Not taken by Sales endpoint. No.",
            "Nothing more happens by itself. Once the cause is gone, “Send again” sends it.",
        ),
        (
            {"state": "uncertain"} | ENDED,
            "It may or may not have reached Sales endpoint. No. Decide whether to send it again.",
            "Nothing more happens by itself. If Sales endpoint does not have it, “Send again” sends it.",
        ),
        (
            {"state": "gave_up"} | ENDED,
            "Given up after 8 tries; it can be sent again. No.",
            "Nothing more happens by itself. It would be sent at once if you pressed “Send again”.",
        ),
        (
            {"state": "withheld"} | ENDED,
            "Kept from Sales endpoint. No.",
            "It never goes. A new lead in which the customer agrees would go.",
        ),
    ],
)
def test_it_says_where_it_is_what_comes_next_and_what_would_change_it(
    offer: Offer, told: dict[str, object], where: str, then: str
) -> None:
    found = one(offer, **told)
    assert (why(found), what_next(found)) == (where, then)


@pytest.mark.parametrize(
    ("state", "where", "then"),
    [
        (
            "held",
            "Waiting: Sales endpoint is held. It refused us.",
            f"At {CLOCK} one lead is sent to see whether Sales endpoint has mended, " + FOLLOW,
        ),
        (
            "resting",
            f"Waiting: Sales endpoint rests until {CLOCK}. It refused us.",
            f"At {CLOCK} one lead is tried, and the others follow when it lands. With “Try now” it is tried at once.",
        ),
        (
            "paused",
            "Waiting: Sales endpoint is paused. It goes on when somebody resumes it.",
            "It would be sent at once if you resumed Sales endpoint.",
        ),
    ],
)
def test_what_waits_for_its_destination_says_so(offer: Offer, state: str, where: str, then: str) -> None:
    Destination.objects.update(state=state, problem="It refused us.", resume_at=LATER)
    found = one(offer)
    assert (why(found), what_next(found)) == (where, then)


def test_a_time_of_today_is_told_by_the_clock(offer: Offer) -> None:
    soon = timezone.now() + timedelta(seconds=1)
    found = one(offer, attempts=1, due_at=soon)
    told = f"{soon:%H:%M} UTC" if soon.date() == timezone.now().date() else f"{soon:%Y-%m-%d %H:%M} UTC"
    assert f"It is tried at {told};" in what_next(found)


def test_what_is_being_sent_again_waits_for_its_turn(offer: Offer, place: Destination) -> None:
    one(offer, state="rejected", **ENDED)
    second = one(offer, state="rejected", **ENDED)
    replay.start(Delivery.objects.all(), filters={}, by=None)
    second = Delivery.objects.select_related("destination").get(pk=second.pk)
    assert what_next(second) == "It is being sent again: its turn comes when one has landed at Sales endpoint."


def test_a_lead_says_it_in_a_sentence_for_all_its_destinations(connect: Connect, place: Destination) -> None:
    two, three = connect("Two"), connect("Three")
    lead = make_lead(make_offer(routes=(place, two, three)))
    Delivery.objects.exclude(destination=three).update(state="delivered", finished_at=LATER)
    deliveries = list(Delivery.objects.filter(lead=lead.lead_id).select_related("destination").order_by("pk"))
    assert why_lead(deliveries) == "Delivered to Sales endpoint and Two. In line for Three."
    assert why_lead(deliveries[2:]) == "In line for Three."
    assert why_lead([]).startswith("It went nowhere: its offer had no destination")


# The timeline


def story(lead_id: object) -> list[Moment]:
    lead = with_story(Lead.objects.filter(pk=lead_id)).get()  # type: ignore[misc] # a UUID
    return timeline(lead, list(lead.deliveries.all()))


def told(moments: list[Moment]) -> list[tuple[str, str]]:
    return [(moment.what, moment.note) for moment in moments]


def test_a_story_goes_from_received_to_landed(offer: Offer, place: Destination, scripted: type[Scripted]) -> None:
    lead = make_lead(offer, first_name="Ada", last_name="Lovelace", source=Source.APPSOURCE, action=Action.INSTALL)
    delivery.drain(place.pk)
    moments = story(lead.lead_id)
    found = Delivery.objects.get()
    assert told(moments) == [
        ("Received", "Get it now on AppSource."),
        ("Stage: initial interest", ""),
        ("New customer", "Ada Lovelace"),
        ("Routed", "Sales endpoint"),
        ("Sent to Sales endpoint", ""),
        ("Landed at Sales endpoint", f"Known there as {found.remote_id}."),
    ]
    attempt = moments[4].attempt
    assert attempt is not None
    assert (attempt.status, attempt.answer) == (200, "thank you")
    assert not any(moment.to_come for moment in moments)


def test_a_customer_who_is_known_says_since_when_and_by_how_many_leads(offer: Offer) -> None:
    first = datetime(2026, 3, 3, 12, tzinfo=UTC)
    for days in (0, 1):
        make_lead(offer, received_at=first + timedelta(days=days))
    latest = make_lead(offer, email="ADA@example.com")
    earlier = make_lead(offer, received_at=first + timedelta(hours=1))
    assert "Customer known by e-mail since 3 Mar 2026, 3 earlier leads" in dict(told(story(latest.lead_id)))
    assert "Customer known by e-mail since 3 Mar 2026, 1 earlier lead" in dict(told(story(earlier.lead_id)))


def test_a_lead_that_goes_nowhere_says_so() -> None:
    moments = story(make_lead(make_offer()).lead_id)
    assert told(moments)[-1] == ("Not routed", "The offer had no destination then. The lead is kept here.")


def test_what_is_to_come_stands_last_with_its_time(offer: Offer, place: Destination) -> None:
    lead = make_lead(offer)
    Scripted.answer = staticmethod(lambda _: Unavailable("It is away.", cause="http-503"))
    delivery.drain(place.pk)
    moments = story(lead.lead_id)
    assert [moment.to_come for moment in moments] == [False] * 5 + [True]
    found = Delivery.objects.select_related("destination").get()
    assert (moments[-1].what, moments[-1].at) == ("Next try at Sales endpoint", next_try(found))
    assert moments[-1].note == what_next(found)


def test_what_was_sent_again_says_by_whom(offer: Offer, place: Destination) -> None:
    lead = make_lead(offer)
    Scripted.answer = staticmethod(lambda _: Rejected("No.", cause="http-422"))
    delivery.drain(place.pk)
    Scripted.answer = staticmethod(accept)
    replay.start(Delivery.objects.all(), filters={}, by=make_member())
    delivery.drain(place.pk)
    assert told(story(lead.lead_id))[4:7] == [
        ("Sent to Sales endpoint", "No."),
        ("Put back in line for Sales endpoint", "owner-contoso had it sent again."),
        ("Sent to Sales endpoint", ""),
    ]


def test_what_was_read_back_is_told(offer: Offer, place: Destination) -> None:
    lead = make_lead(offer)
    delivery.drain(place.pk)
    Delivery.objects.update(landing="missing", landing_checked_at=LATER)
    what, note = told(story(lead.lead_id))[-1]
    assert what == "Looked for in Sales endpoint"
    assert note.startswith("We looked for it there, and it is not there any more.")


def test_a_held_destination_is_not_a_moment_to_come(offer: Offer) -> None:
    lead = make_lead(offer)
    health.hold(Destination.objects.all(), Misconfigured("It refused us.", cause="sign-in"), timezone.now())
    assert not any(moment.to_come for moment in story(lead.lead_id))


def test_a_story_costs_the_same_however_long_it_is(
    connect: Connect, place: Destination, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    offer = make_offer(routes=(place, *(connect(f"Place {number}") for number in range(4))))
    lead = make_lead(offer)
    for destination in Destination.objects.all():
        delivery.drain(destination.pk)
    replay.start(Delivery.objects.all(), filters={}, by=None)
    with django_assert_num_queries(4):
        story(lead.lead_id)
