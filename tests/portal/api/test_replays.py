from __future__ import annotations

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from connectors.behaviours import answer
from connectors.fakes import FakeServer
from leads import delivery, destinations, replay
from leads.models import Delivery, Destination, Replay
from tests.factories import make_destination, make_lead, make_member, make_offer, make_publisher
from tests.portal.api.conftest import Caller, everything, refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> Destination:
    return make_destination()


@pytest.fixture
def refused(place: Destination, receiver: FakeServer) -> list[Delivery]:
    """Make three deliveries that the endpoint refused."""
    offer = make_offer(routes=(place,))
    receiver.queue += [answer(422)] * 3
    for number in range(3):
        make_lead(offer, f"customer{number}@example.com")
        delivery.drain(place.pk)
    return list(Delivery.objects.order_by("pk"))


def begin(contoso: Caller) -> int:
    begun: int = contoso.post("deliveries/replay", {"filter": {"cause": "http-422"}}).json()["replay"]
    return begun


# Failure groups


def test_a_group_says_what_who_how_and_what_changed_before(
    contoso: Caller, place: Destination, refused: list[Delivery]
) -> None:
    [group] = contoso.get("deliveries/groups").json()["items"]
    assert group.pop("first_at") <= group.pop("last_at") <= timezone.now().isoformat()
    changed = group.pop("changed_before")
    assert (changed["version"], changed["saved_by"]) == (1, "")
    assert group == {
        "destination": place.pk,
        "destination_name": "Sales endpoint",
        "cause": "http-422",
        "state": "rejected",
        "count": 3,
        "waiting": 0,
        "may_double": 0,
        "offers": ["contoso.crm"],
        "sentence": "leads.contoso.example refused this lead (422).",
        "who": "publisher",
        "fix": "Read its answer, let your endpoint take such a lead, then send this one again.",
        "secret_ended_on": None,
    }


def test_a_secret_that_changed_is_named_and_not_shown(
    contoso: Caller, place: Destination, receiver: FakeServer
) -> None:
    config = place.config | {"auth": "bearer", "token": "x-secret-x"}
    destinations.change(place, config=config, by=make_member())
    make_lead(make_offer(routes=(place,)))
    receiver.queue.append(answer(401))
    delivery.drain(place.pk)
    response = contoso.get("deliveries/groups")
    [group] = response.json()["items"]
    assert group["changed_before"]["fields"] == ["auth", "token"]
    assert group["changed_before"]["saved_by"] == "owner-contoso"
    assert (group["state"], group["waiting"]) == ("held", 1)
    assert b"x-secret-x" not in response.content


def test_a_group_is_found_and_sent_again_by_its_destination_and_cause(
    contoso: Caller, place: Destination, refused: list[Delivery]
) -> None:
    [group] = contoso.get("deliveries/groups").json()["items"]
    words = {"destination": group["destination"], "cause": group["cause"]}
    assert len(everything(contoso, "deliveries", **words)) == group["count"]
    assert contoso.post("deliveries/replay", {"filter": words}).json()["count"] == group["count"]


def test_failures_of_another_publisher_are_not_told(fabrikam: Caller, refused: list[Delivery]) -> None:
    assert fabrikam.get("deliveries/groups").json() == {"items": []}


# Replays


def test_a_replay_tells_how_far_it_is(contoso: Caller, place: Destination, refused: list[Delivery]) -> None:
    begun = begin(contoso)
    shown = contoso.get(f"replays/{begun}").json()
    assert shown["filter"] == {"cause": "http-422"}
    told = {"count": 3, "landed": 0, "failed": 0, "on_its_way": 1, "parked": 2, "kept": 0, "state": "canary"}
    assert {name: shown[name] for name in told} == told
    for _ in range(2):
        delivery.drain(place.pk)
        replay.advance(begun)
    done = contoso.get(f"replays/{begun}").json()
    assert (done["state"], done["landed"], done["sentence"]) == ("done", 3, "")
    assert done["finished_at"] > done["started_at"]


def test_a_replay_that_fails_again_says_why_it_stopped(
    contoso: Caller, place: Destination, refused: list[Delivery], receiver: FakeServer
) -> None:
    begun = begin(contoso)
    receiver.queue.append(answer(422))
    delivery.drain(place.pk)
    replay.advance(begun)
    ended = contoso.get(f"replays/{begun}").json()
    assert (ended["state"], ended["failed"], ended["kept"]) == ("stopped", 1, 2)
    assert ended["sentence"].startswith("Sales endpoint failed again: leads.contoso.example refused this lead (422).")


def test_a_replay_is_stopped_once(contoso: Caller, refused: list[Delivery]) -> None:
    begun = begin(contoso)
    ended = contoso.post(f"replays/{begun}/stop").json()
    assert (ended["state"], ended["on_its_way"], ended["kept"]) == ("stopped", 1, 2)
    assert refusal(contoso.post(f"replays/{begun}/stop"))[:2] == (409, [])
    assert Delivery.objects.filter(state="rejected").count() == 2


def test_pressed_again_it_takes_nothing_twice(contoso: Caller, refused: list[Delivery]) -> None:
    begin(contoso)
    again = contoso.post("deliveries/replay", {"filter": {"cause": "http-422"}})
    told = {"replay": None, "count": 0, "may_double": 0, "first": 0, "dry_run": False}
    assert (again.status_code, again.json()) == (202, told)


def test_replays_are_listed_page_by_page_newest_first(
    contoso: Caller, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    made = [Replay.objects.create(publisher=make_publisher(), total=1, state="done").pk for _ in range(5)]
    Replay.objects.create(publisher=make_publisher("fabrikam"), total=1, state="done")
    assert [found["id"] for found in everything(contoso, "replays", limit=2)] == made[::-1]
    with django_assert_num_queries(2):
        contoso.get("replays")


def test_what_is_missing_is_sent_again_only_where_it_is_named(contoso: Caller, refused: list[Delivery]) -> None:
    first, *_ = refused
    looked = {"landing": "missing", "landing_checked_at": timezone.now()}
    Delivery.objects.filter(pk=first.pk).update(state="delivered", cause="", **looked)
    assert {group["cause"] for group in contoso.get("deliveries/groups").json()["items"]} == {"missing", "http-422"}
    dry = {"dry_run": True}
    assert contoso.post("deliveries/replay", {"filter": {}} | dry).json()["count"] == 2
    for named in ({"state": "missing"}, {"cause": "missing"}):
        told = contoso.post("deliveries/replay", {"filter": named} | dry).json()
        assert (told["count"], told["may_double"]) == (1, 1)
    begun = contoso.post("deliveries/replay", {"filter": {"state": "missing"}}).json()
    assert (begun["count"], begun["may_double"], begun["first"]) == (1, 1, 1)
    assert contoso.get(f"deliveries/{first.pk}").json()["state"] == "waiting"
