from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from leads import intake, keys
from leads.intake import Contact, Event
from leads.intake_sql import RECEIVE
from leads.models import Customer, Delivery, Destination, Journey, Lead, Offer
from leads.taxonomy import Action, Source, Stage
from tests.factories import make_lead, make_offer

pytestmark = pytest.mark.django_db

Connect = Callable[..., Destination]


def event(offer: Offer, email: str = "ada@example.com", **given: Any) -> Event:
    source, action = given.pop("act", (Source.AZURE_MARKETPLACE, Action.INSTALL))
    return Event(offer=offer, source=source, action=action, contact=Contact(email=email), **given)


class TestOneLead:
    def test_makes_customer_journey_and_one_delivery_per_route(self, connect: Connect) -> None:
        offer = make_offer(routes=(connect("One"), connect("Two")))
        received = make_lead(offer, " Ada@Example.com", first_name="Ada")
        lead = Lead.objects.get(pk=received.lead_id)
        assert (received.stage, received.deliveries) == (Stage.INITIAL_INTEREST, 2)
        assert lead.email == " Ada@Example.com"
        assert lead.customer is not None
        assert lead.customer.email_key == "ada@example.com"
        assert Journey.objects.get().stage == Stage.INITIAL_INTEREST
        assert Delivery.objects.filter(lead=lead, state="waiting").count() == 2

    def test_takes_few_statements(self, connect: Connect) -> None:
        offer = make_offer(routes=(connect("One"), connect("Two")))
        with CaptureQueriesContext(connection) as queries:
            make_lead(offer)
        assert len(queries) <= 3

    def test_without_a_route_is_kept(self) -> None:
        assert make_lead(make_offer()).deliveries == 0
        assert Lead.objects.count() == 1

    def test_of_an_offer_that_is_not_live_is_a_preview_without_customer(self, connect: Connect) -> None:
        offer = make_offer(status=Offer.Status.PREVIEW, routes=(connect(),))
        received = make_lead(offer)
        assert received.deliveries == 1
        assert Lead.objects.get().kind == Lead.Kind.PREVIEW
        assert not Customer.objects.exists()
        assert not Journey.objects.exists()

    def test_without_consent_is_counted_and_withheld(self, connect: Connect) -> None:
        make_lead(make_offer(routes=(connect(),)), consent=False)
        delivery = Delivery.objects.get()
        assert (delivery.state, delivery.cause) == ("withheld", "no-consent")
        assert Journey.objects.count() == 1

    def test_about_do_not_contact_has_no_stage_and_marks_the_customer(self, connect: Connect) -> None:
        offer = make_offer(routes=(connect(),))
        received = make_lead(offer, source=Source.APPSOURCE, action=Action.DO_NOT_CONTACT)
        assert received.stage is None
        assert Customer.objects.get().do_not_contact
        make_lead(offer)
        assert Customer.objects.get().do_not_contact


class TestCustomers:
    def test_are_one_per_normalised_email_inside_a_publisher(self) -> None:
        offer = make_offer()
        make_lead(offer, "ada@example.com", first_name="Ada", company="Old Mill")
        make_lead(offer, "ADA@example.COM ", company="New Mill")
        customer = Customer.objects.get()
        assert (customer.first_name, customer.company) == ("Ada", "New Mill")

    def test_keep_the_furthest_stage_and_the_first_time_of_each(self) -> None:
        offer = make_offer()
        make_lead(offer, source=Source.AZURE_PORTAL, action=Action.CREATE)
        first = Journey.objects.get()
        make_lead(offer, source=Source.TEST_DRIVE, action=Action.START_TEST_DRIVE)
        make_lead(offer, source=Source.AZURE_PORTAL, action=Action.CREATE)
        journey = Journey.objects.get()
        assert journey.stage == Stage.ACTIVE
        assert journey.active_at == first.active_at
        assert journey.test_drive_at is not None
        assert journey.initial_interest_at is None
        assert journey.first_at == first.first_at < journey.last_at


class TestMany:
    def test_leads_of_one_customer_in_one_batch_make_one_journey(self) -> None:
        offer = make_offer()
        drive = (Source.TEST_DRIVE, Action.START_TEST_DRIVE)
        received = intake.receive_many([event(offer, act=drive), event(offer), event(offer, "bob@example.com")])
        assert [answer.stage for answer in received] == [
            Stage.TEST_DRIVE,
            Stage.INITIAL_INTEREST,
            Stage.INITIAL_INTEREST,
        ]
        assert (Customer.objects.count(), Journey.objects.count(), Lead.objects.count()) == (2, 2, 3)
        assert Journey.objects.get(customer__email_key="ada@example.com").stage == Stage.INITIAL_INTEREST

    def test_a_thousand_take_as_many_statements_as_one(self, connect: Connect) -> None:
        offer = make_offer(routes=(connect(),))
        with CaptureQueriesContext(connection) as queries:
            intake.receive_many([event(offer, f"c{number}@example.com") for number in range(1000)])
        assert len(queries) <= 3
        assert Delivery.objects.count() == 1000

    def test_lines_keep_their_order(self) -> None:
        offer = make_offer()
        received = intake.receive_many([event(offer, f"c{number}@example.com") for number in range(50)])
        emails = dict(Lead.objects.values_list("pk", "email"))
        assert [emails[answer.lead_id] for answer in received] == [f"c{number}@example.com" for number in range(50)]


class TestIdempotency:
    def test_the_same_key_again_gives_the_same_answer_and_stores_nothing(self, connect: Connect) -> None:
        offer, key = make_offer(routes=(connect(),)), keys.issue("market")[0]
        first, second = (intake.receive(event(offer, key_id=key.pk, idempotency_key="a")) for _ in range(2))
        assert (second.lead_id, second.stage, second.deliveries) == (first.lead_id, first.stage, first.deliveries)
        assert (first.repeated, second.repeated, second.conflict) == (False, True, False)
        assert (Lead.objects.count(), Delivery.objects.count()) == (1, 1)

    def test_the_same_key_for_another_lead_is_a_conflict(self) -> None:
        offer, key = make_offer(), keys.issue("market")[0]
        intake.receive(event(offer, key_id=key.pk, idempotency_key="a"))
        other = intake.receive(event(offer, "bob@example.com", key_id=key.pk, idempotency_key="a"))
        assert other.conflict
        assert Lead.objects.count() == 1

    def test_a_key_twice_in_one_batch_stores_one(self) -> None:
        offer, key = make_offer(), keys.issue("market")[0]
        same = event(offer, key_id=key.pk, idempotency_key="a")
        first, second = intake.receive_many([same, same])
        assert first.lead_id == second.lead_id
        assert (first.repeated, second.repeated) == (False, True)
        assert Lead.objects.count() == 1

    def test_keys_of_two_senders_do_not_meet(self) -> None:
        offer = make_offer()
        for sender in (keys.issue("one")[0], keys.issue("two")[0]):
            assert not intake.receive(event(offer, key_id=sender.pk, idempotency_key="a")).repeated
        assert Lead.objects.count() == 2


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_the_same_key_from_many_threads_stores_one(self) -> None:
        offer, key = make_offer(), keys.issue("market")[0]
        received = self.at_once(lambda _: intake.receive(event(offer, key_id=key.pk, idempotency_key="a")))
        assert len({answer.lead_id for answer in received}) == 1
        assert Lead.objects.count() == 1

    def test_batches_about_the_same_customers_in_any_order_do_not_deadlock(self) -> None:
        offer = make_offer()
        emails = [f"c{number}@example.com" for number in range(40)]

        def send(number: int) -> Any:
            ordered = emails if number % 2 else emails[::-1]
            return intake.receive_many([event(offer, email) for email in ordered])

        self.at_once(send)
        assert Customer.objects.count() == 40
        assert Lead.objects.count() == 320

    def at_once(self, act: Callable[[int], Any]) -> list[Any]:
        barrier, answers = Barrier(8), []

        def run(number: int) -> None:
            barrier.wait()
            answers.append(act(number))
            connections.close_all()

        threads = [Thread(target=run, args=[number]) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(answers) == 8
        return answers


def test_a_full_id_that_no_text_can_be_is_nobody() -> None:
    assert not Offer.objects.named("contoso.\0").exists()


@pytest.mark.django_db(transaction=True)
def test_a_line_that_the_server_has_dropped_meanwhile_costs_no_lead(connect: Connect) -> None:
    offer = make_offer(routes=(connect(),))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [pid] = cursor.fetchone()
    killer = connections.create_connection("default")
    with killer.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    killer.close()
    assert make_lead(offer).deliveries == 1


def test_a_thousand_are_not_joined_with_a_thousand_one_by_one() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute(f"PREPARE receive AS {RECEIVE.replace('%s', '$1')}")
        cursor.execute("EXPLAIN EXECUTE receive('[]')")
        plan = "\n".join(line for (line,) in cursor.fetchall())
        cursor.execute("DEALLOCATE receive")
    assert "email_key" not in _loops(plan)


def _loops(plan: str) -> str:
    """Return what nested loops compare row by row."""
    lines = [line.strip() for line in plan.splitlines()]
    return "\n".join(after for line, after in pairwise(lines) if "Nested Loop" in line and "Join Filter" in after)
