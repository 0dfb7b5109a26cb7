from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template
from pytest_django import DjangoAssertNumQueries

from leads import comparison, funnel
from leads.comparison import Period
from leads.funnel import EMPTY, EVERYWHERE, Funnel, Market
from leads.models import Offer
from leads.taxonomy import Action, Source
from tests.factories import make_lead, make_offer

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 15, 12, tzinfo=UTC)
DRIVE = (Source.TEST_DRIVE, Action.START_TEST_DRIVE)
INTEREST = (Source.AZURE_MARKETPLACE, Action.INSTALL)
ACTIVE = (Source.AZURE_PORTAL, Action.CREATE)
CONTACT = (Source.APPSOURCE, Action.PARTNER_LED_TRIAL)


def did(offer: Offer, name: str, act: tuple[Source, Action], days_ago: float = 0.0) -> None:
    at = NOON - timedelta(days=days_ago)
    make_lead(offer, f"{name}@example.com", source=act[0], action=act[1], received_at=at)


def of(offer: Offer, period: Period | None = None, **market: str) -> Funnel:
    period = period or Period()
    return funnel.funnels([offer.pk], period.since, period.until, Market(**market))[offer.pk]


def numbers(counted: Funnel) -> list[tuple[int, int, int, int]]:
    return [(count.customers, count.leads, count.came, count.entered) for count in counted.stages]


@pytest.fixture
def offer() -> Offer:
    """Sell to four: one comes all the way, one drives twice, one begins at interest, one buys at once."""
    offer = make_offer()
    for act in (DRIVE, INTEREST, ACTIVE):
        did(offer, "all-the-way", act)
    did(offer, "drives", DRIVE)
    did(offer, "drives", DRIVE)
    did(offer, "asks", INTEREST)
    did(offer, "buys", ACTIVE)
    return offer


def test_customers_and_leads_are_counted_at_each_stage(offer: Offer) -> None:
    counted = of(offer)
    assert (counted.customers, counted.leads, counted.conversion) == (4, 7, 0.5)
    assert numbers(counted) == [(2, 3, 0, 2), (2, 2, 1, 1), (2, 2, 1, 1)]
    assert [count.share for count in counted.stages] == [None, 0.5, 0.5]


def test_previews_and_tests_are_left_out(offer: Offer) -> None:
    before = of(offer)
    Offer.objects.filter(pk=offer.pk).update(status="preview")
    offer.refresh_from_db()
    did(offer, "previews", ACTIVE)
    assert of(offer) == before


def test_a_period_holds_its_beginning_and_not_its_end() -> None:
    offer = make_offer()
    for days in (0, 1, 2, 3):
        did(offer, f"c{days}", DRIVE, days)
    assert of(offer, Period(NOON - timedelta(days=2), NOON)).customers == 2


def test_a_storefront_counts_its_own_leads_only(offer: Offer) -> None:
    did(offer, "calls", CONTACT)
    assert of(offer, storefront="appsource").customers == 1
    assert of(offer).customers == 5


def test_a_country_counts_its_own_leads_only(offer: Offer) -> None:
    make_lead(offer, "d@example.com", country="NO", received_at=NOON, source=DRIVE[0], action=DRIVE[1])
    make_lead(offer, "d@example.com", country="NO", received_at=NOON, source=ACTIVE[0], action=ACTIVE[1])
    counted = of(offer, country="NO")
    assert (counted.customers, counted.leads, counted.conversion) == (1, 2, 1)
    assert of(offer, country="SE") == EMPTY
    assert of(offer).customers == 5
    norway = Market(country="NO")
    assert comparison.compared(offer.pk, Period(), norway, NOON).to_active == timedelta()


def test_who_only_asked_not_to_be_contacted_is_no_customer_of_the_funnel(offer: Offer) -> None:
    before = of(offer)
    did(offer, "leave-me-alone", (Source.APPSOURCE, Action.DO_NOT_CONTACT))
    did(offer, "drives", (Source.APPSOURCE, Action.DO_NOT_CONTACT))
    assert of(offer) == before
    alone = make_offer("alone")
    did(alone, "leave-me-alone", (Source.APPSOURCE, Action.DO_NOT_CONTACT))
    assert of(alone) == EMPTY


def test_any_number_of_offers_is_one_query(offer: Offer, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    other = make_offer("backup")
    with django_assert_num_queries(1):
        counted = funnel.funnels([offer.pk, other.pk])
    assert counted[other.pk] == EMPTY


def test_a_period_is_compared_with_the_one_of_the_same_length_before() -> None:
    offer = make_offer()
    for number, days in enumerate((1, 2, 8, 9, 10, 15)):
        did(offer, f"c{number}", DRIVE, days)
    did(offer, "c0", ACTIVE, 0.5)
    did(offer, "c3", ACTIVE, 8.5)
    compared = comparison.compared(offer.pk, Period(NOON - timedelta(days=7)), EVERYWHERE, NOON)
    assert compared.before is not None
    assert (compared.now.customers, compared.before.customers) == (2, 3)
    assert compared.points == pytest.approx(1 / 2 - 1 / 3)
    assert [(now.customers, before.customers) for now, before in compared.rows] == [(2, 3), (0, 0), (1, 1)]


def test_all_time_has_nothing_before_it(offer: Offer) -> None:
    compared = comparison.compared(offer.pk, Period(), EVERYWHERE, NOON)
    assert (compared.before, compared.points) == (None, None)


def test_dates_of_ones_own_are_compared_too() -> None:
    assert Period(NOON, NOON + timedelta(days=3)).before(NOON) == Period(NOON - timedelta(days=3), NOON)


def test_the_time_to_active_is_the_median_of_those_who_did_both() -> None:
    offer = make_offer()
    for name, days in (("a", 1), ("b", 3), ("c", 8)):
        did(offer, name, DRIVE, 10)
        did(offer, name, ACTIVE, 10 - days)
    did(offer, "only-drives", DRIVE, 10)
    did(offer, "only-buys", ACTIVE, 2)
    assert comparison.compared(offer.pk, Period(), EVERYWHERE, NOON).to_active == timedelta(days=3)


def test_without_customers_there_is_no_conversion_and_no_time() -> None:
    compared = comparison.compared(make_offer().pk, Period(), EVERYWHERE, NOON)
    assert (compared.now, compared.now.conversion, compared.to_active) == (EMPTY, None, None)


def drawn(counted: Funnel, tag: str = "funnel_picture") -> str:
    return Template(f"{{% load funnel_tags %}}{{% {tag} counted %}}").render(Context({"counted": counted}))


def test_the_picture_says_in_words_what_it_shows(offer: Offer) -> None:
    picture = drawn(of(offer))
    assert '<svg class="funnel-picture" role="img"' in picture
    assert "<title>Funnel</title>" in picture
    assert "Test drive: 2 customers, 3 leads, 2 began here." in picture
    assert "Initial interest: 2 customers, 2 leads, 1 began here." in picture
    assert "Active: 2 customers, 2 leads, 1 began here." in picture


def test_bars_are_as_long_as_their_share_of_the_longest(offer: Offer) -> None:
    did(offer, "third", DRIVE)
    did(offer, "fourth", DRIVE)
    picture = drawn(of(offer))
    assert 'width="100.00%"' in picture
    assert '<rect class="entered" x="25.00%" y="106" width="25.00%"' in picture
    assert 'd="M0 0H100.00L25.00 54H0Z"' in picture


def test_a_funnel_without_anybody_is_drawn_all_the_same() -> None:
    assert "Active: 0 customers, 0 leads, 0 began here." in drawn(EMPTY)


def test_the_small_picture_shows_the_smallest_number(offer: Offer) -> None:
    for number in range(200):
        did(offer, f"c{number}", DRIVE)
    picture = drawn(of(offer), "funnel_mini")
    assert "<title>Test drive 202, Initial interest 2, Active 2</title>" in picture
    assert picture.count('height="2"') == 2


@pytest.mark.parametrize("tag", ["funnel_picture", "funnel_mini"])
def test_no_picture_holds_an_inline_style(offer: Offer, tag: str) -> None:
    assert "style" not in drawn(of(offer), tag)


@pytest.mark.parametrize(
    ("change", "words"),
    [(0.021, "2.1 points up"), (-0.105, "10.5 points down"), (0.0001, "the same as before")],
)
def test_a_change_is_told_in_points(change: float, words: str) -> None:
    template = Template("{% load funnel_tags %}{{ change|points }}")
    assert template.render(Context({"change": change})) == words
