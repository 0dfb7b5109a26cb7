"""A connector whose batches, concurrency and harm of sending twice depend on the settings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from connectors import registry
from leads import claims, delivery, vault
from leads.models import Delivery, Destination
from tests.factories import make_destination, make_lead, make_offer
from tests.leads.scripted import Scripted, ScriptedConfig

pytestmark = pytest.mark.django_db


class Moody(Scripted):
    slug = "moody"

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.idempotent = self.idempotent_with(self.config)
        self.batch_size, self.concurrency = (5, 3) if self.idempotent else (1, 2)

    @classmethod
    def idempotent_with(cls, config: ScriptedConfig) -> bool:
        return config.auth != "form"


@pytest.fixture(autouse=True)
def _moody(scripted: type[Scripted], monkeypatch: pytest.MonkeyPatch) -> None:
    known = registry.all_connectors()
    monkeypatch.setattr(registry, "all_connectors", lambda: {**known, "moody": Moody})


def connected(auth: str, leads: int = 0) -> Destination:
    destination = make_destination(auth, connector="moody", config={"url": "https://moody.example", "auth": auth})
    offer = make_offer(f"offer-{auth}", routes=(destination,))
    for number in range(leads):
        make_lead(offer, f"c{number}@example.com")
    return destination


def die_over(destination: Destination) -> None:
    """Claim all that is due, as a worker does that dies a moment later."""
    claims.claim(destination.pk, limit=100, now=timezone.now() - timedelta(hours=1), lasts=timedelta(seconds=30))


def test_batches_are_as_large_as_the_settings_allow(scripted: type[Scripted]) -> None:
    delivery.drain(connected("rest", leads=10).pk)
    delivery.drain(connected("form", leads=3).pk)
    assert scripted.calls == [5, 5, 1, 1, 1]


def test_where_repeating_would_double_no_more_is_claimed_than_is_in_flight(monkeypatch: pytest.MonkeyPatch) -> None:
    limits: list[int] = []
    claim = claims.claim

    def watch(destination_id: int, *, limit: int, **rest: object) -> list[claims.Claim]:
        limits.append(limit)
        return claim(destination_id, limit=limit, **rest)  # type: ignore[arg-type] # handed on as they came

    monkeypatch.setattr(claims, "claim", watch)
    delivery.drain(connected("form", leads=4).pk)
    delivery.drain(connected("rest").pk)
    assert limits == [2, 2, 2, 3 * 5 * delivery.ROUND]


def test_after_a_crash_each_destination_answers_for_itself() -> None:
    again, once = connected("rest", leads=2), connected("form", leads=2)
    Delivery.objects.update(due_at=timezone.now() - timedelta(hours=2))
    die_over(again)
    die_over(once)
    assert claims.recover(timezone.now()) == 4
    assert set(again.deliveries.values_list("state", "attempts")) == {("waiting", 1)}
    assert set(once.deliveries.values_list("state", "attempts")) == {("uncertain", 1)}


@pytest.mark.parametrize("lost", ["settings", "connector"])
def test_where_nobody_can_tell_a_person_decides(lost: str, monkeypatch: pytest.MonkeyPatch) -> None:
    destination = connected("rest", leads=1)
    Delivery.objects.update(due_at=timezone.now() - timedelta(hours=2))
    die_over(destination)
    if lost == "settings":
        Destination.objects.update(sealed_config=vault.seal({})[:-5])
    else:
        Destination.objects.update(connector="gone")
    claims.recover(timezone.now())
    assert destination.deliveries.get().state == "uncertain"


def test_the_checks_are_those_that_the_settings_call_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        Moody, "rungs_with", classmethod(lambda cls, config: ("Form",) if config.auth == "form" else cls.rungs)
    )
    form, rest = connected("form"), connected("rest")
    assert (form.rungs, rest.rungs) == (("Form",), Moody.rungs)
    Destination.objects.filter(pk=form.pk).update(sealed_config=vault.seal({})[:-5])
    form.refresh_from_db()
    assert form.rungs == Moody.rungs
