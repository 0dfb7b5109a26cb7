from __future__ import annotations

import json
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core.management import call_command
from django.db.models import F
from django.utils import timezone

from connectors import registry, sandbox
from leads import balance, funnel, keys
from leads.models import Attempt, Customer, Delivery, Destination, Lead, Offer, Publisher
from portal import greeting

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PORTAL_VAR", str(tmp_path))
    return tmp_path


def load(folder: Path, base_url: str = "http://127.0.0.1:8000") -> dict[str, Any]:
    call_command("demo", base_url=base_url)
    facts: dict[str, Any] = json.loads((folder / "demo.json").read_text())
    return facts


def test_every_sign_in_and_key_of_the_file_works(folder: Path) -> None:
    facts = load(folder)
    for role, member_role in (("admin", None), ("publisher", "owner"), ("marketing", "marketing")):
        user = authenticate(**facts[role])
        assert user is not None
        assert user.is_superuser is (role == "admin")
        assert getattr(getattr(user, "member", None), "role", None) == member_role
    intake, api = keys.find(facts["intake_key"]), keys.find(facts["api_key"])
    assert intake is not None
    assert intake.publisher is None
    assert api is not None
    assert api.publisher == Publisher.objects.get(slug="contoso")


def test_the_file_is_for_its_owner_only(folder: Path) -> None:
    load(folder)
    assert stat.S_IMODE((folder / "demo.json").stat().st_mode) == 0o600


def test_a_second_start_changes_the_address_and_nothing_else(folder: Path) -> None:
    first, leads = load(folder), Lead.objects.count()
    second = load(folder, "http://127.0.0.1:9000/")
    assert second == first | {"base_url": "http://127.0.0.1:9000"}
    assert Lead.objects.count() == leads


def test_a_database_with_something_in_it_is_left_alone(folder: Path) -> None:
    Publisher.objects.create(slug="adatum", name="Adatum")
    assert load(folder) == {"base_url": "http://127.0.0.1:8000"}
    assert Publisher.objects.count() == 1
    assert not Lead.objects.exists()


def test_the_books_balance_and_every_state_is_there_to_see(folder: Path) -> None:
    load(folder)
    books = [balance.balance(publisher.pk) for publisher in Publisher.objects.order_by("slug")]
    assert len(books) == 3
    assert all(book.adds_up for book in books)
    contoso = books[0]
    assert contoso.delivered > 300
    assert contoso.held >= 5
    assert contoso.rejected >= 1
    assert contoso.withheld >= 1
    assert sum(book.kept for book in books) >= 1


def test_the_funnel_narrows(folder: Path) -> None:
    load(folder)
    crm = Offer.objects.named("contoso.crm").get()
    month = funnel.funnels([crm.pk], since=timezone.now() - timedelta(days=30))[crm.pk]
    drive, interest, active = [count.customers for count in month.stages]
    assert drive > interest > active > 20
    assert all(count.entered for count in month.stages)


def test_there_are_some_hundred_leads_of_the_last_month_and_none_of_the_future(folder: Path) -> None:
    load(folder)
    now = timezone.now()
    assert 300 < Lead.objects.filter(received_at__gt=now - timedelta(days=30)).count() < 1500
    assert not Lead.objects.filter(received_at__gt=now).exists()


def test_one_destination_is_held_with_leads_waiting_unspent(folder: Path) -> None:
    load(folder)
    held = Destination.objects.exclude(state="active").get()
    assert (held.state, held.problem_cause) == ("held", "sign-in")
    waiting = held.deliveries.filter(state="waiting")
    assert waiting.count() >= 5
    assert not waiting.exclude(attempts=0).exists()
    assert held.problem_since is not None
    assert not held.deliveries.filter(state="delivered", finished_at__gt=held.problem_since).exists()
    assert not Delivery.objects.exclude(destination=held).filter(state="waiting").exists()


def test_times_are_in_order(folder: Path) -> None:
    load(folder)
    assert not Delivery.objects.filter(created_at__lt=F("lead__received_at")).exists()
    assert not Delivery.objects.filter(finished_at__lt=F("created_at")).exists()
    assert not Attempt.objects.filter(started_at__lt=F("delivery__created_at")).exists()
    assert not Attempt.objects.filter(delivery__finished_at__lt=F("started_at")).exists()
    assert not Customer.objects.filter(first_seen_at__gte=timezone.now()).exists()
    for customer in Customer.objects.prefetch_related("leads")[:50]:
        times = [lead.received_at for lead in customer.leads.all()]
        assert (min(times), max(times)) == (customer.first_seen_at, customer.last_seen_at)


def test_each_spent_try_is_on_record(folder: Path) -> None:
    load(folder)
    settled = Delivery.objects.filter(state__in=["delivered", "rejected"]).prefetch_related("tries")
    assert {delivery.attempts for delivery in settled} == {1, 2}
    for delivery in settled:
        assert [attempt.number for attempt in delivery.tries.all()] == list(range(1, delivery.attempts + 1))


def test_some_customers_must_not_be_contacted_and_previews_are_marked(folder: Path) -> None:
    load(folder)
    assert Customer.objects.filter(do_not_contact=True).exists()
    assert set(Lead.objects.filter(offer__status="preview").values_list("kind", flat=True)) == {"preview"}


def test_no_address_belongs_to_anybody(folder: Path) -> None:
    load(folder)
    assert not Lead.objects.exclude(email__endswith=".example").exists()
    for destination in Destination.objects.filter(name__in=sandbox.roles()):
        assert ".example/" in destination.config["url"]


@pytest.mark.parametrize("slug", registry.all_connectors())
def test_every_kind_is_connected_and_delivers(slug: str, folder: Path) -> None:
    load(folder)
    named: dict[str, Any] = (
        {"name": registry.get(slug).label} if slug in sandbox.demos() else {"name__in": sandbox.roles()}
    )
    crm = Offer.objects.named("contoso.crm").get()
    place = Destination.objects.filter(connector=slug, offers=crm, **named).earliest("pk")
    assert place.state == "active"
    delivered = place.deliveries.filter(state="delivered")
    assert delivered.count() > 100
    landing = "landed" if place.provable else ""
    assert set(delivered.values_list("landing", flat=True)) == {landing}


def test_settings_that_a_form_refuses_stop_the_demo_with_a_sentence(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "demos", lambda: {"https_endpoint": {"url": "http://plain.contoso.example"}})
    with pytest.raises(ValueError, match="The sandbox of https_endpoint gives settings that its form refuses"):
        load(folder)


def test_one_more_destination_of_a_kind_is_named_as_the_kind_is(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {"url": "https://more.contoso.example/in", "auth": "bearer", "token": "sesame"}
    monkeypatch.setattr(sandbox, "demos", lambda: {"https_endpoint": settings})
    load(folder)
    place = Destination.objects.get(name="HTTPS endpoint")
    assert place.config["url"] == settings["url"]
    assert place.deliveries.filter(state="delivered").count() > 100


def test_a_lost_file_is_said_and_stops_nothing(folder: Path) -> None:
    load(folder)
    (folder / "demo.json").unlink()
    load(folder)
    assert "sign-ins of this demo are lost" in greeting.text(folder / "demo.json", 1)


def test_what_is_newest_stands_first(folder: Path) -> None:
    load(folder)
    for publisher in Publisher.objects.all():
        accepted = publisher.deliveries.order_by("-pk").values_list("created_at", flat=True)
        assert list(accepted) == sorted(accepted, reverse=True)
