from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from leads import audit, delivery, tasks
from leads.models import Attempt, Customer, Delivery, Destination, Journey, Lead
from tests.factories import make_lead, make_offer, make_publisher

pytestmark = pytest.mark.django_db

Connect = Callable[..., Destination]


@pytest.fixture
def delivered(connect: Connect) -> Lead:
    """Deliver one lead the whole way, to two destinations."""
    places = connect("One"), connect("Two")
    received = make_lead(make_offer(routes=places), "ada@example.com")
    for place in places:
        delivery.drain(place.pk)
    return Lead.objects.get(pk=received.lead_id)


def books() -> audit.Books:
    return audit.books(Lead.objects.all(), "contoso")


def lose_one_delivery() -> None:
    Delivery.objects.filter(destination__name="One").delete()


def lose_all_deliveries() -> None:
    Delivery.objects.all().delete()


def strand_a_claim() -> None:
    ended = timezone.now() - timedelta(minutes=11)
    Delivery.objects.filter(destination__name="One").update(state="sending", claimed_until=ended, finished_at=None)


def lose_the_attempts() -> None:
    Attempt.objects.filter(delivery__destination__name="Two").delete()


def lose_the_journey() -> None:
    Journey.objects.all().delete()


def lose_the_customer() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE leads_lead DROP CONSTRAINT lead_has_a_customer_when_live")
    Lead.objects.update(customer=None)
    Customer.objects.all().delete()


def test_what_went_the_whole_way_is_balanced(delivered: Lead) -> None:
    found = books()
    assert found.balanced
    assert found.findings == []
    assert found.sheet.total().delivered == 1


@pytest.mark.parametrize(
    ("spoil", "name"),
    [
        (lose_one_delivery, "delivery missing"),
        (lose_all_deliveries, "delivery missing"),
        (strand_a_claim, "claim left behind"),
        (lose_the_attempts, "delivered without a try"),
        (lose_the_journey, "customer or journey missing"),
        (lose_the_customer, "customer or journey missing"),
    ],
)
def test_each_hidden_inconsistency_turns_the_books_red_and_is_logged(
    delivered: Lead, caplog: pytest.LogCaptureFixture, spoil: Callable[[], None], name: str
) -> None:
    spoil()
    found = books()
    assert not found.balanced
    [finding] = found.findings
    assert (finding.name, finding.count, finding.leads) == (name, 1, [delivered.pk])
    [record] = caplog.records
    assert record.levelno == logging.ERROR
    assert record.getMessage() == f"The books of contoso are inconsistent: {name} 1"
    assert "ada" not in caplog.text


def test_a_claim_that_has_just_ended_is_left_to_the_sweep(delivered: Lead) -> None:
    ended = timezone.now() - timedelta(minutes=9)
    Delivery.objects.filter(destination__name="One").update(state="sending", claimed_until=ended, finished_at=None)
    assert books().balanced


def test_what_is_kept_or_withheld_has_nothing_to_hide(connect: Connect) -> None:
    make_lead(make_offer("kept"))
    make_lead(make_offer(routes=(connect(),)), consent=False)
    make_lead(make_offer("soon", status="preview", routes=(connect("Two"),)))
    assert books().balanced


def test_a_finding_counts_all_its_leads_and_names_the_newest(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "SHOWN", 2)
    offer = make_offer(routes=(connect(),))
    made = [make_lead(offer, f"{number}@example.com").lead_id for number in range(4)]
    Delivery.objects.all().delete()
    [finding] = books().findings
    assert finding.count == 4
    assert finding.leads == [made[3], made[2]]


def test_the_daily_task_looks_through_every_publisher(
    delivered: Lead, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    lose_the_attempts()
    fabrikam = make_publisher("fabrikam")
    make_lead(make_offer("crm", publisher=fabrikam, routes=(connect("Three", publisher=fabrikam),)))
    tasks.audit_books()
    assert [record.getMessage() for record in caplog.records] == [
        "The books of contoso are inconsistent: delivered without a try 1"
    ]
    assert list(audit.examine_all()) == ["contoso"]


def test_the_daily_task_looks_no_further_back_than_it_says(delivered: Lead) -> None:
    lose_the_attempts()
    Lead.objects.update(received_at=timezone.now() - timedelta(days=audit.DAYS + 1))
    assert audit.examine_all() == {}
