from __future__ import annotations

import pytest
from django.test import Client

from leads.models import Delivery, Destination
from tests.factories import make_destination, make_lead, make_offer, make_publisher

pytestmark = pytest.mark.django_db


def test_nothing_to_do_is_said(admin_client: Client) -> None:
    page = admin_client.get("/admin/").content.decode()
    assert "Nothing. Every destination takes leads" in page
    assert "0 received = 0 delivered" in page


def test_the_books_of_all_publishers_add_up_in_sight(admin_client: Client) -> None:
    fabrikam = make_publisher("fabrikam")
    make_lead(make_offer(routes=(make_destination(),)))
    make_lead(make_offer(publisher=fabrikam))
    page = admin_client.get("/admin/").content.decode()
    assert "2 received = 0 delivered + 1 waiting + 0 held + 0 refused" in page
    assert "+ 1 kept." in page


def test_what_needs_somebody_leads_to_its_deliveries(admin_client: Client) -> None:
    held, refusing = make_destination("Held one"), make_destination("Refusing one")
    make_lead(make_offer(routes=(held, refusing)))
    Destination.objects.filter(pk=held.pk).update(state="held", problem="The sign-in was refused.")
    Delivery.objects.filter(destination=refusing).update(
        state="rejected", cause="http-422", sentence="It refused this lead (422).", finished_at="2026-01-01T00:00Z"
    )
    page = admin_client.get("/admin/").content.decode()
    assert "The sign-in was refused." in page
    assert "It refused this lead (422)." in page
    assert "The publisher must act." in page
    address = f"/admin/leads/delivery/?destination__id__exact={refusing.pk}&cause=http-422"
    assert address.replace("&", "&amp;") in page
    assert "Refusing one" in admin_client.get(address).content.decode()
    held_address = f"/admin/leads/delivery/?destination__id__exact={held.pk}&cause=held"
    assert held_address.replace("&", "&amp;") in page
    assert "1 delivery" in admin_client.get(held_address).content.decode()
