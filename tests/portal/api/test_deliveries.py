from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from connectors.behaviours import answer
from connectors.fakes import FakeServer
from leads import delivery
from leads.models import Delivery, Replay
from tests.factories import make_destination, make_lead, make_offer, make_publisher
from tests.portal.api.conftest import Caller, refusal

pytestmark = pytest.mark.django_db


def ids(response: Any) -> list[int]:
    assert response.status_code == 200, response.content
    return [item["id"] for item in response.json()["items"]]


def stop(state: str, **values: Any) -> Delivery:
    """Bring the latest delivery to an end."""
    latest = Delivery.objects.latest("pk")
    Delivery.objects.filter(pk=latest.pk).update(state=state, finished_at=timezone.now(), **values)
    return latest


def test_a_delivery_is_shown_with_its_attempts(contoso: Caller, receiver: FakeServer) -> None:
    destination = make_destination("Sales endpoint")
    received = make_lead(make_offer(routes=(destination,)))
    receiver.queue.append(answer(422, {"reason": "no phone"}))
    delivery.drain(destination.pk)
    [listed] = contoso.get("deliveries").json()["items"]
    shown = contoso.get(f"deliveries/{listed['id']}").json()
    [attempt] = shown.pop("attempts")
    assert shown.pop("next").startswith("Nothing more happens by itself.")
    assert shown == listed
    assert (listed["lead_id"], listed["offer"], listed["destination"]) == (
        str(received.lead_id),
        "contoso.crm",
        destination.pk,
    )
    assert (listed["state"], listed["tries"], listed["cause"]) == ("rejected", 1, "http-422")
    assert listed["why"].endswith("leads.contoso.example refused this lead (422).")
    assert (attempt["number"], attempt["status"], attempt["outcome"]) == (1, 422, "rejected")
    assert "no phone" in attempt["answer"]


@pytest.fixture
def various(db: None) -> dict[str, Delivery]:
    """Make deliveries: waiting and rejected at one destination, waiting at a held one, a test lead."""
    one, two = make_destination("One"), make_destination("Two")
    make_lead(make_offer(routes=(one,)))
    make_lead(make_offer("erp", routes=(one,)))
    rejected = stop("rejected", cause="http-422")
    make_lead(make_offer("old", routes=(two,)))
    two.state, two.problem = "held", "The sign-in was refused."
    two.save()
    waiting, held = Delivery.objects.earliest("pk"), Delivery.objects.latest("pk")
    return {"waiting": waiting, "rejected": rejected, "held": held}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["held", "rejected", "waiting"]),
        ({"offer": "contoso.erp"}, ["rejected"]),
        ({"state": "rejected"}, ["rejected"]),
        ({"state": "waiting"}, ["held", "waiting"]),
        ({"state": "held"}, ["held"]),
        ({"cause": "http-422"}, ["rejected"]),
        ({"cause": "none"}, []),
        ({"since": "2020-01-01"}, ["held", "rejected", "waiting"]),
        ({"destination": 4711}, []),
    ],
)
def test_deliveries_are_found_by(
    contoso: Caller, various: dict[str, Delivery], asked: dict[str, Any], found: list[str]
) -> None:
    assert ids(contoso.get("deliveries", **asked)) == [various[name].pk for name in found]


def test_deliveries_are_found_by_destination(contoso: Caller, various: dict[str, Delivery]) -> None:
    assert ids(contoso.get("deliveries", destination=various["held"].destination_id)) == [various["held"].pk]


def test_deliveries_of_later_than_now_are_none(contoso: Caller, various: dict[str, Delivery]) -> None:
    assert ids(contoso.get("deliveries", since=(timezone.now() + timedelta(hours=1)).isoformat())) == []


def test_deliveries_are_listed_page_by_page(contoso: Caller, various: dict[str, Delivery]) -> None:
    first = contoso.get("deliveries", limit=2)
    second = contoso.get("deliveries", limit=2, cursor=first.json()["next"])
    assert ids(first) + ids(second) == [various[name].pk for name in ("held", "rejected", "waiting")]
    assert second.json()["next"] is None


def test_a_list_of_deliveries_takes_two_statements(
    contoso: Caller, various: dict[str, Delivery], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(2):
        contoso.get("deliveries")


@pytest.mark.parametrize(
    ("name", "value"),
    [("destination", "x"), ("destination", "0"), ("destination", 2**63), ("state", "lost"), ("since", "x"), ("q", "x")],
)
def test_a_parameter_that_makes_no_sense_is_refused(contoso: Caller, name: str, value: Any) -> None:
    assert refusal(contoso.get("deliveries", **{name: value}))[:2] == (422, [name])


def test_a_dry_run_counts_and_changes_nothing(contoso: Caller, various: dict[str, Delivery]) -> None:
    make_lead(make_offer("new", routes=(make_destination("Three"),)))
    stop("uncertain")
    before = list(Delivery.objects.order_by("pk").values("state", "due_at"))
    response = contoso.post("deliveries/replay", {"filter": {}, "dry_run": True})
    told = {"replay": None, "count": 4, "may_double": 1, "first": 3, "dry_run": True}
    assert (response.status_code, response.json()) == (200, told)
    assert list(Delivery.objects.order_by("pk").values("state", "due_at")) == before


def test_a_replay_puts_what_was_chosen_back_in_line_and_nothing_else(
    contoso: Caller, various: dict[str, Delivery]
) -> None:
    make_lead(make_offer("new", routes=(make_destination("Three"),)))
    uncertain = stop("uncertain")
    response = contoso.post("deliveries/replay", {"filter": {"state": "rejected"}, "dry_run": False})
    begun = Replay.objects.get()
    told = {"replay": begun.pk, "count": 1, "may_double": 0, "first": 1, "dry_run": False}
    assert (response.status_code, response.json()) == (202, told)
    assert Delivery.objects.get(pk=various["rejected"].pk).state == "waiting"
    assert Delivery.objects.get(pk=uncertain.pk).state == "uncertain"


def test_a_replay_without_a_dry_run_is_one(contoso: Caller, various: dict[str, Delivery]) -> None:
    contoso.post("deliveries/replay", {"filter": {"offer": "contoso.erp"}})
    assert Delivery.objects.get(pk=various["rejected"].pk).state == "waiting"


def test_a_replay_of_everything_must_say_so(contoso: Caller, various: dict[str, Delivery]) -> None:
    refused = refusal(contoso.post("deliveries/replay", {"filter": {}}))
    assert refused == (422, ["filter"], 'filter must name something, unless "all" is true.')
    assert Delivery.objects.get(pk=various["rejected"].pk).state == "rejected"
    assert contoso.post("deliveries/replay", {"filter": {}, "all": True}).json()["count"] == 3


def test_a_filter_of_empty_words_is_an_empty_filter(contoso: Caller, various: dict[str, Delivery]) -> None:
    refused = refusal(contoso.post("deliveries/replay", {"filter": {"offer": "", "cause": ""}}))
    assert refused.fields == ["filter"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "filter"),
        ({"filter": None}, "filter"),
        ({"filter": "all"}, "filter"),
        ({"filter": {"sate": "rejected"}}, "filter.sate"),
        ({"filter": {"state": "lost"}}, "filter.state"),
        ({"filter": {"destination": "1"}}, "filter.destination"),
        ({"filter": {"since": "x"}}, "filter.since"),
        ({"filter": {"cause": 1}}, "filter.cause"),
        ({"filter": {"state": "rejected"}, "dry_run": "no"}, "dry_run"),
        ({"filter": {"state": "rejected"}, "limit": 1}, "limit"),
    ],
)
def test_a_replay_that_breaks_a_rule_is_refused(
    contoso: Caller, various: dict[str, Delivery], body: Any, field: str
) -> None:
    assert refusal(contoso.post("deliveries/replay", body))[:2] == (422, [field])
    assert Delivery.objects.get(pk=various["rejected"].pk).state == "rejected"


def test_a_replay_never_reaches_another_publishers_deliveries(
    contoso: Caller, fabrikam: Caller, various: dict[str, Delivery]
) -> None:
    response = fabrikam.post("deliveries/replay", {"filter": {}, "all": True})
    assert response.json()["count"] == 0
    destination = various["rejected"].destination_id
    assert fabrikam.post("deliveries/replay", {"filter": {"destination": destination}}).json()["count"] == 0
    assert Delivery.objects.get(pk=various["rejected"].pk).state == "rejected"


def test_deliveries_of_another_publisher_are_not_listed(fabrikam: Caller, various: dict[str, Delivery]) -> None:
    make_lead(make_offer(publisher=make_publisher("fabrikam")))
    assert ids(fabrikam.get("deliveries")) == []
