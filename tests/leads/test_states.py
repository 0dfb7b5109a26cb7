from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads import balance
from leads.filters import LeadFilter
from leads.models import Customer, Delivery, Destination, Lead, Offer
from leads.states import LeadState
from tests.factories import make_destination, make_lead, make_offer, make_publisher

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
PLACES = ["active", "held", "paused", "resting"]
GRAVEST = ["uncertain", "held", "waiting", "rejected", "gave_up", "delivered", "withheld", "kept"]

Drawn = tuple[int, int, str, dict[int, str]]
"""Offer, days ago, kind, and the state of its delivery at each of PLACES that it has one for."""

DRAWN = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.integers(0, 3),
        st.sampled_from(["live", "live", "live", "preview", "test"]),
        st.dictionaries(st.integers(0, 3), st.sampled_from(Delivery.State.values), max_size=4),
    ),
    max_size=25,
)


def expected(deliveries: dict[int, str]) -> str:
    """Tell a lead's state one delivery at a time, as a person would."""
    found = ["kept"]
    for place, state in deliveries.items():
        moving = state in ("waiting", "sending")
        still = PLACES[place] in ("held", "paused")
        found.append(("held" if still else "waiting") if moving else state)
    return min(found, key=GRAVEST.index)


@pytest.fixture
def offers() -> list[Offer]:
    places = [make_destination(state) for state in PLACES]
    for place, state in zip(places, PLACES, strict=True):
        Destination.objects.filter(pk=place.pk).update(state=state, problem="Refused.", resume_at=NOON)
    return [make_offer(name) for name in ("one", "two", "three")]


def store(drawn: list[Drawn], offers: list[Offer]) -> None:
    """Put leads and deliveries on record as drawn, without the intake's rules."""
    places = list(Destination.objects.order_by("pk"))
    seen = {"first_seen_at": NOON, "last_seen_at": NOON}
    customer = Customer.objects.create(publisher=offers[0].publisher, email_key="ada@example.com", **seen)
    for offer, days, kind, deliveries in drawn:
        lead = Lead.objects.create(
            publisher=offers[offer].publisher,
            offer=offers[offer],
            kind=kind,
            routed=len(deliveries),
            customer=customer if kind == "live" else None,
            received_at=NOON - timedelta(days=days),
            source="SPZA",
            action="INS",
        )
        Delivery.objects.bulk_create(delivery(lead, places[place], state) for place, state in deliveries.items())


def delivery(lead: Lead, destination: Destination, state: str) -> Delivery:
    return Delivery(
        lead=lead,
        destination=destination,
        publisher_id=lead.publisher_id,
        offer_id=lead.offer_id,
        state=state,
        due_at=NOON,
        created_at=NOON,
        claimed_until=NOON if state == "sending" else None,
        finished_at=None if state in Delivery.OPEN else NOON,
    )


def listed(**words: Any) -> int:
    return LeadFilter(**words).apply(Lead.objects.all()).count()


def agrees(found: balance.Balance, **words: Any) -> None:
    """Hold that a balance adds up and that each of its numbers is as long as its list."""
    assert found.adds_up
    assert found.received == listed(**words)
    for state in LeadState:
        assert getattr(found, state) == listed(state=state, **words), (state, words)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=DRAWN)
def test_whatever_the_leads_the_balance_adds_up_and_equals_the_lists(offers: list[Offer], drawn: list[Drawn]) -> None:
    with transaction.atomic():
        store(drawn, offers)
        sheet = balance.sheet(Lead.objects.all())
        right = Counter((kind, offers[offer].pk, days, expected(made)) for offer, days, kind, made in drawn)
        counted = {
            (cell.kind, cell.whose, (NOON.date() - cell.day).days, state.value): getattr(found, state)
            for cell, found in sheet.cells.items()
            for state in LeadState
        }
        assert {key: number for key, number in counted.items() if number} == right
        for kind in Lead.Kind:
            agrees(sheet.total(kind), kind=kind)
        assert sheet.total() == balance.balance(offers[0].publisher_id)
        assert sum(sheet.by_whose().values(), balance.Balance()) == sheet.total()
        assert sum(sheet.by_day().values(), balance.Balance()) == sheet.total()
        transaction.set_rollback(True)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=DRAWN)
def test_each_cell_equals_the_list_of_its_offer_and_day(offers: list[Offer], drawn: list[Drawn]) -> None:
    with transaction.atomic():
        store(drawn, offers)
        names = {offer.pk: offer.full_id for offer in offers}
        for cell, found in balance.sheet(Lead.objects.all()).cells.items():
            begin = datetime.combine(cell.day, datetime.min.time(), UTC)
            day = {"since": begin, "until": begin + timedelta(days=1)}
            agrees(found, kind=cell.kind, offer=names[cell.whose or 0], **day)
        transaction.set_rollback(True)


def test_a_lead_whose_deliveries_are_all_gone_is_in_no_state() -> None:
    lead = make_lead(make_offer(routes=(make_destination(),)))
    Delivery.objects.all().delete()
    found = balance.balance(make_publisher().pk)
    assert (found.received, found.lost, found.kept, found.adds_up) == (1, 1, 0, False)
    assert not any(listed(state=state) for state in LeadState)
    assert Lead.objects.get().pk == lead.lead_id


MANY = """
INSERT INTO leads_lead (id, publisher_id, offer_id, customer_id, kind, source, action, storefront, description, extra,
    first_name, last_name, email, phone, country, company, title, routed, fingerprint, received_at)
SELECT gen_random_uuid(), publisher_id, offer_id, customer_id, kind, source, action, storefront, description, extra,
    first_name, last_name, email, phone, country, company, title, 0, '', received_at - number * interval '5 minutes'
FROM leads_lead, generate_series(1, 30000) AS number;
ANALYZE leads_lead
"""
"""A hundred days of leads like the one there is."""


@pytest.mark.parametrize("offer", ["", "contoso.crm"])
def test_the_books_of_a_period_read_its_leads_and_no_others(offer: str) -> None:
    make_lead(make_offer(routes=(make_destination(),)), received_at=NOON)
    leads = LeadFilter(since=NOON - timedelta(days=3), offer=offer).apply(make_publisher().leads.all())
    with CaptureQueriesContext(connection) as seen, connection.cursor() as cursor:
        cursor.execute(MANY)
        assert balance.sheet(leads).total().received == 3 * 24 * 12 + 1
        cursor.execute(f"EXPLAIN {seen[-1]['sql']}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert re.search(r"Index Scan (on|using) lead_latest", plan)
    assert "Seq Scan on leads_lead" not in plan
    assert re.search(r"Index Cond: .*received_at >=", plan)
