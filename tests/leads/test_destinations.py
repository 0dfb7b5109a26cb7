from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from pytest_django.fixtures import Settings

from connectors.base import Check
from leads import checking, destinations, health, previews, vault
from leads.destinations import InUse
from leads.models import Delivery, Destination, Lead, Offer
from tests.factories import make_lead, make_member, make_offer, make_publisher
from tests.leads.scripted import Scripted

pytestmark = pytest.mark.django_db

Connect = Callable[..., Destination]


class TestSettings:
    def test_are_encrypted_at_rest(self, connect: Connect) -> None:
        destination = connect(config={"password": "s3cret-of-contoso"})
        stored = bytes(Destination.objects.values_list("sealed_config", flat=True).get())
        assert b"s3cret" not in stored
        assert destination.config["password"] == "s3cret-of-contoso"

    def test_are_shown_without_secrets(self, connect: Connect) -> None:
        assert "password" not in connect(config={"password": "x"}).shown_config

    def test_open_with_an_older_key_after_a_rotation(self, connect: Connect, settings: Settings) -> None:
        destination = connect(config={"password": "x"})
        settings.FIELD_KEYS = ["y" * 43 + "=", *settings.FIELD_KEYS]
        assert Destination.objects.get(pk=destination.pk).config["password"] == "x"

    def test_do_not_open_without_the_key(self, connect: Connect, settings: Settings) -> None:
        connect()
        settings.FIELD_KEYS = ["y" * 43 + "="]
        with pytest.raises(vault.Unreadable):
            Destination.objects.get().config  # noqa: B018 - the read is the test

    def test_keep_a_version_with_who_and_what_but_no_secret(self, connect: Connect) -> None:
        destination, by = connect(config={"password": "old"}), make_member()
        destinations.change(
            destination, config=destination.config | {"password": "new", "url": "https://new.example/"}, by=by
        )
        latest = destination.versions.first()
        assert latest is not None
        assert (latest.number, latest.saved_by) == (2, by)
        assert latest.changes == {
            "password": "changed",
            "url": ["https://leads.contoso.example/in", "https://new.example/"],
        }

    def test_that_did_not_change_make_no_version(self, connect: Connect) -> None:
        destination = connect()
        destinations.change(destination, name="Another name", config=destination.config)
        assert destination.versions.count() == 1
        assert Destination.objects.get().name == "Another name"

    def test_saved_on_a_held_destination_let_one_lead_through(self, connect: Connect) -> None:
        destination = connect()
        Destination.objects.update(state="held", problem="Refused.")
        destinations.change(destination, config=destination.config | {"password": "new"})
        assert Destination.objects.get().state == "resting"


class TestCheck:
    def test_is_remembered_with_rungs_not_reached(
        self, connect: Connect, scripted: type[Scripted], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(scripted, "rungs", (*Scripted.rungs, "Write"))
        rungs = checking.check(connect())
        assert [rung.passed for rung in rungs] == [True, True, None]
        kept = Destination.objects.get().last_check
        assert kept is not None
        assert kept[2]["name"] == "Write"

    def test_is_remembered_rung_by_rung(
        self, connect: Connect, scripted: type[Scripted], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen: list[list[bool | None]] = []

        def climb(_: Scripted) -> Iterator[Check]:
            for name in Scripted.rungs:
                kept = Destination.objects.get().last_check
                assert kept is not None
                seen.append([rung["passed"] for rung in kept])
                yield Check(name=name, passed=True)

        monkeypatch.setattr(scripted, "checks", climb)
        checking.check(connect())
        assert seen == [[None, None], [True, None]]

    def test_that_passes_releases_a_held_destination(self, connect: Connect) -> None:
        destination = connect()
        Destination.objects.update(state="held", problem="Refused.")
        destination.refresh_from_db()
        checking.check(destination)
        assert Destination.objects.get().state == "resting"

    def test_that_fails_releases_nothing(
        self, connect: Connect, scripted: type[Scripted], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(scripted, "sign_in", False)
        destination = connect()
        Destination.objects.update(state="held", problem="Refused.")
        destination.refresh_from_db()
        checking.check(destination)
        assert Destination.objects.get().state == "held"


class TestTestLead:
    def test_goes_in_the_name_of_a_routed_offer(self, connect: Connect) -> None:
        destination = connect()
        offer = make_offer(routes=(destination,))
        received = destinations.send_test_lead(destination)
        lead = Lead.objects.get(pk=received.lead_id)
        assert (lead.kind, lead.offer) == ("test", offer)
        assert lead.email.startswith("MSFT_TEST_")

    def test_goes_without_an_offer_too(self, connect: Connect) -> None:
        received = destinations.send_test_lead(connect())
        assert received.deliveries == 1
        assert Lead.objects.get().lead_source.endswith("|test")


class TestRemove:
    def test_takes_the_routes_along(self, connect: Connect) -> None:
        destination = connect()
        make_offer(routes=(destination,))
        destinations.remove(destination)
        assert not Destination.objects.exists()
        assert Offer.objects.get().routes.count() == 0

    def test_is_refused_where_leads_went(self, connect: Connect) -> None:
        destination = connect()
        make_lead(make_offer(routes=(destination,)))
        with pytest.raises(InUse):
            destinations.remove(destination)
        assert Delivery.objects.count() == 1


def test_a_paused_destination_keeps_its_leads_until_it_is_resumed(connect: Connect) -> None:
    destination = connect()
    health.pause(destination)
    assert destination.state == "paused"
    health.probe(destination)
    assert destination.state == "resting"


def test_names_are_one_per_publisher(connect: Connect) -> None:
    connect("Same")
    connect("Same", publisher=make_publisher("fabrikam"))
    assert Destination.objects.filter(name="Same").count() == 2


def test_a_preview_shows_a_sample_lead(connect: Connect) -> None:
    assert previews.of_sample(connect()).body == "someone@example.com"
