from __future__ import annotations

import pytest

from leads.models import Customer, Delivery, Journey, Lead
from leads.taxonomy import Action, Source, Stage
from tests.factories import make_destination, make_lead, make_offer

pytestmark = pytest.mark.django_db


def test_a_lead_makes_customer_journey_and_one_delivery_per_route():
    offer = make_offer(routes=(make_destination("One"), make_destination("Two")))
    received = make_lead(offer, "Ada@Example.com ", first_name="Ada")
    lead = Lead.objects.get(pk=received.lead_id)
    assert (received.stage, received.deliveries) == (Stage.INITIAL_INTEREST, 2)
    assert lead.email == "Ada@Example.com "
    assert lead.customer is not None
    assert lead.customer.email_key == "ada@example.com"
    assert Journey.objects.get().stage == Stage.INITIAL_INTEREST
    assert Delivery.objects.filter(lead=lead, state="waiting").count() == 2
