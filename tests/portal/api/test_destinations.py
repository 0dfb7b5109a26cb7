from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from connectors import registry
from connectors.base import TargetField
from connectors.fakes import FakeServer
from connectors.https_endpoint.connector import HttpsEndpoint
from leads import catalogue, delivery
from leads.models import Delivery, Destination, Lead
from tests.factories import make_destination, make_lead, make_offer
from tests.portal.api.conftest import SECRET_WORD, Caller, refusal

pytestmark = pytest.mark.django_db

ENDPOINT: dict[str, Any] = {
    "name": "Sales",
    "connector": "https_endpoint",
    "config": {"url": "https://leads.contoso.example/in"},
}


def basic(password: str = SECRET_WORD) -> dict[str, Any]:
    config = ENDPOINT["config"] | {"auth": "basic", "username": "portal", "password": password}
    return ENDPOINT | {"config": config}


def test_a_destination_is_connected_and_its_signing_secret_is_shown_once(contoso: Caller) -> None:
    response = contoso.post("destinations", ENDPOINT | {"mapping": {"Campaign": "{Extra.campaign}"}})
    made = response.json()
    assert response.status_code == 201
    assert (made["name"], made["connector"], made["state"]) == ("Sales", "https_endpoint", "active")
    assert made["config"]["url"] == "https://leads.contoso.example/in"
    assert made["mapping"] == {"Campaign": "{Extra.campaign}"}
    assert made.pop("signing_secret").startswith("whsec_")
    assert contoso.get(f"destinations/{made['id']}").json() == made
    assert contoso.get("destinations").json()["items"] == [made]


@pytest.mark.usefixtures("discreet")
def test_a_secret_is_kept_and_never_shown(contoso: Caller) -> None:
    made = contoso.post("destinations", basic())
    shown = contoso.get(f"destinations/{made.json()['id']}")
    assert Destination.objects.get().config["password"] == SECRET_WORD
    assert SECRET_WORD not in (made.content + shown.content).decode()
    assert "password" not in shown.json()["config"]
    assert shown.json()["config"]["username"] == "portal"


@pytest.mark.usefixtures("discreet")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": 7}, "name"),
        ({"connector": "fax"}, "connector"),
        ({"connector": None}, "connector"),
        ({"config": {}}, "config.url"),
        ({"config": None}, "config"),
        ({"config": [SECRET_WORD]}, "config"),
        ({"config": {"url": "http://leads.contoso.example/"}}, "config.url"),
        ({"config": {"url": "https://127.0.0.1/"}}, "config.url"),
        ({"config": {"url": "https://10.0.0.1/"}}, "config.url"),
        ({"config": {"url": "https://169.254.169.254/latest"}}, "config.url"),
        ({"config": {"url": "https://[::ffff:127.0.0.1]/"}}, "config.url"),
        ({"config": {"url": "https://2130706433/"}}, "config.url"),
        ({"config": {"url": "https://0177.0.0.1/"}}, "config.url"),
        ({"config": {"url": f"https://{SECRET_WORD}:x@example.com/"}}, "config.url"),
        ({"config": {"url": ["https://leads.contoso.example/"]}}, "config.url"),
        ({"config": ENDPOINT["config"] | {"auth": "fax"}}, "config.auth"),
        ({"config": ENDPOINT["config"] | {"auth": "basic", "username": "portal"}}, "config.password"),
        ({"config": ENDPOINT["config"] | {"pasword": SECRET_WORD}}, "config.pasword"),
        ({"config": ENDPOINT["config"] | {"signing_secret": SECRET_WORD}}, "config.signing_secret"),
        ({"mapping": {"Campaign": "{Nonsense}"}}, "mapping"),
        ({"mapping": {"Campaign": 7}}, "mapping"),
        ({"mapping": {"LeadId": "{FirstName}"}}, "mapping"),
        ({"mapping": []}, "mapping"),
        ({"mapping": {"a\0": "b"}}, "mapping.a?"),
        ({"state": "paused"}, "state"),
    ],
)
def test_a_destination_that_breaks_a_rule_is_refused(contoso: Caller, change: dict[str, Any], field: str) -> None:
    response = contoso.post("destinations", ENDPOINT | change)
    refused = refusal(response)
    assert (refused.status, refused.fields) == (422, [field])
    assert refused.rules.endswith(".")
    assert SECRET_WORD not in response.content.decode()
    assert not Destination.objects.exists()


def test_a_name_is_taken_once_per_publisher(contoso: Caller, fabrikam: Caller) -> None:
    assert contoso.post("destinations", ENDPOINT).status_code == 201
    refused = refusal(contoso.post("destinations", ENDPOINT))
    assert refused == (409, ["name"], "name must not be that of another of your destinations.")
    assert fabrikam.post("destinations", ENDPOINT).status_code == 201


def test_a_name_cannot_be_changed_to_one_that_is_taken(contoso: Caller) -> None:
    make_destination("One")
    two = make_destination("Two")
    assert refusal(contoso.patch(f"destinations/{two.pk}", {"name": "One"}))[:2] == (409, ["name"])


def test_only_the_settings_that_are_sent_change(contoso: Caller) -> None:
    made = contoso.post("destinations", basic()).json()
    before = Destination.objects.get().config
    changed = contoso.patch(f"destinations/{made['id']}", {"config": {"username": "other"}}).json()
    assert changed["config"] == made["config"] | {"username": "other"}
    assert Destination.objects.get().config == before | {"username": "other"}


def test_a_new_secret_takes_the_place_of_the_old(contoso: Caller) -> None:
    made = contoso.post("destinations", basic()).json()
    contoso.patch(f"destinations/{made['id']}", {"config": {"password": "new"}})
    assert Destination.objects.get().config["password"] == "new"


def test_the_day_a_secret_ends_is_kept_until_it_is_taken_back(contoso: Caller) -> None:
    made = contoso.post("destinations", ENDPOINT | {"secret_expires_on": "2027-03-31"}).json()
    address = f"destinations/{made['id']}"
    assert made["secret_expires_on"] == "2027-03-31"
    assert contoso.patch(address, {"name": "Other"}).json()["secret_expires_on"] == "2027-03-31"
    for wrong in ("soon", "", 20270331, "2027-02-30"):
        refused = refusal(contoso.patch(address, {"secret_expires_on": wrong}))
        assert (refused.status, refused.fields) == (422, ["secret_expires_on"])
    assert "secret_expires_on must be a date such as 2027-03-31, or null." in str(refused)
    assert contoso.patch(address, {"secret_expires_on": None}).json()["secret_expires_on"] is None


def test_a_mapping_is_judged_by_the_targets_fields_where_they_are_known(
    contoso: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(HttpsEndpoint, "fields", lambda _: [TargetField(name="City", label="City", max_length=5)])
    destination = make_destination()
    address = f"destinations/{destination.pk}"
    assert contoso.patch(address, {"mapping": {"Town": "Berlin"}}).status_code == 200
    catalogue.read(destination)
    assert contoso.patch(address, {"mapping": {"City": "Bonn"}}).status_code == 200
    unknown, long = (contoso.patch(address, {"mapping": wrong}) for wrong in ({"Town": "Bonn"}, {"City": "Berlin"}))
    rule = "Town is not a field that the target lets us write. Choose one of its own."
    assert refusal(unknown) == (422, ["mapping"], rule)
    assert refusal(long) == (422, ["mapping"], "City takes 5 characters, and this text has 6.")


def test_name_mapping_and_way_to_sign_in_change(contoso: Caller) -> None:
    made = contoso.post("destinations", basic()).json()
    sent = {"name": "Better", "mapping": {"City": "Berlin"}, "config": {"auth": "none"}}
    changed = contoso.patch(f"destinations/{made['id']}", sent).json()
    assert (changed["name"], changed["mapping"], changed["config"]["auth"]) == ("Better", {"City": "Berlin"}, "none")
    assert Destination.objects.get().config["password"] == ""


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"config": {"url": "https://localhost/"}}, "config.url"),
        ({"config": {"unknown": 1}}, "config.unknown"),
        ({"mapping": {"a": "{b}"}}, "mapping"),
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"state": "held"}, "state"),
        ({"connector": "marketo"}, "connector"),
    ],
)
def test_a_change_that_breaks_a_rule_changes_nothing(contoso: Caller, change: dict[str, Any], field: str) -> None:
    made = contoso.post("destinations", ENDPOINT).json()
    made.pop("signing_secret")
    refused = refusal(contoso.patch(f"destinations/{made['id']}", {"name": "Other"} | change))
    assert (refused.status, refused.fields) == (422, [field])
    assert contoso.get(f"destinations/{made['id']}").json() == made


def test_a_destination_is_paused_and_goes_on_with_one_lead_first(contoso: Caller) -> None:
    made = make_destination()
    assert contoso.patch(f"destinations/{made.pk}", {"state": "paused"}).json()["state"] == "paused"
    assert contoso.patch(f"destinations/{made.pk}", {"name": "Still"}).json()["state"] == "paused"
    assert contoso.patch(f"destinations/{made.pk}", {"state": "active"}).json()["state"] == "resting"


def test_a_destination_shows_its_problem_and_its_counts(contoso: Caller) -> None:
    made = make_destination()
    offer = make_offer(routes=(made,))
    for _ in range(3):
        make_lead(offer)
    make_lead(offer, consent=False)
    Delivery.objects.filter(pk=Delivery.objects.filter(state="waiting").earliest("pk").pk).update(
        state="rejected", finished_at="2025-01-01T00:00Z"
    )
    Destination.objects.update(state="held", problem="The sign-in was refused.", problem_fix="Enter it again.")
    [shown] = contoso.get("destinations").json()["items"]
    assert (shown["state"], shown["problem"], shown["problem_fix"]) == (
        "held",
        "The sign-in was refused.",
        "Enter it again.",
    )
    assert {state: number for state, number in shown["counts"].items() if number} == {
        "waiting": 2,
        "rejected": 1,
        "withheld": 1,
        "stopped": 1,
    }


def test_a_daily_test_is_asked_for_and_its_proof_shown(contoso: Caller) -> None:
    made = make_destination()
    address = f"destinations/{made.pk}"
    shown = contoso.get(address).json()
    assert (shown["canary"], shown["proved_at"]) == (False, None)
    assert shown["landings"] == dict.fromkeys(("landed", "merged", "missing", "unprovable"), 0)
    assert contoso.patch(address, {"canary": True}).json()["canary"] is True
    assert contoso.patch(address, {"name": "Other"}).json()["canary"] is True
    make_lead(make_offer(routes=(made,)))
    Delivery.objects.update(state="delivered", finished_at="2026-01-01T00:00Z", landing="merged")
    Destination.objects.update(proved_at="2026-01-02T00:00Z")
    shown = contoso.get("destinations").json()["items"][0]
    assert (shown["landings"]["merged"], shown["proved_at"]) == (1, "2026-01-02T00:00:00Z")
    assert contoso.get("deliveries").json()["items"][0]["landing"] == "merged"
    assert contoso.patch(address, {"canary": False}).json()["canary"] is False
    assert refusal(contoso.patch(address, {"canary": "yes"})).fields == ["canary"]


def test_a_list_of_destinations_takes_few_statements(
    contoso: Caller, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for name in ("One", "Two", "Three"):
        make_destination(name)
    with django_assert_num_queries(4):
        assert len(contoso.get("destinations").json()["items"]) == 3


def test_a_destination_whose_settings_no_key_opens_is_shown_without_them_and_can_be_mended(
    contoso: Caller, settings: Settings
) -> None:
    made = make_destination()
    Destination.objects.update(sealed_config=b"spoilt")
    assert contoso.get("destinations").json()["items"][0]["config"] == {}
    assert refusal(contoso.patch(f"destinations/{made.pk}", {"config": {"auth": "none"}})).fields == ["config.url"]
    mended = contoso.patch(f"destinations/{made.pk}", {"config": ENDPOINT["config"]})
    assert mended.json()["config"]["url"] == ENDPOINT["config"]["url"]


def test_a_check_answers_its_rungs(contoso: Caller, receiver: FakeServer) -> None:
    made = make_destination()
    checked = contoso.post(f"destinations/{made.pk}/check").json()
    assert checked["passed"] is True
    assert [rung["name"] for rung in checked["rungs"]] == list(HttpsEndpoint.rungs)
    assert all(rung["passed"] and rung["sentence"] for rung in checked["rungs"])
    assert len(receiver.requests) == 1
    assert contoso.get(f"destinations/{made.pk}").json()["last_check"] == checked["rungs"]


def test_a_failed_check_says_what_to_do_and_which_rungs_it_did_not_reach(contoso: Caller) -> None:
    made = make_destination(url="https://nowhere.invalid/in")
    checked = contoso.post(f"destinations/{made.pk}/check").json()
    assert checked["passed"] is False
    assert [rung["passed"] for rung in checked["rungs"]] == [False, None, None, None]
    assert checked["rungs"][0]["sentence"]
    assert checked["rungs"][0]["fix"]


def test_a_test_lead_takes_the_path_of_real_ones(contoso: Caller, receiver: FakeServer) -> None:
    made = make_destination()
    response = contoso.post(f"destinations/{made.pk}/test-lead")
    assert response.status_code == 202
    lead_id = response.json()["LeadId"]
    assert Lead.objects.get().pk == UUID(lead_id)
    delivery.drain(made.pk)
    assert contoso.get(f"leads/{lead_id}").json()["Deliveries"][0]["state"] == "delivered"
    assert receiver.requests[0].headers["webhook-id"] == lead_id


def test_a_signing_secret_is_renewed_and_shown_once(contoso: Caller) -> None:
    made = contoso.post("destinations", ENDPOINT).json()
    renewed = contoso.post(f"destinations/{made['id']}/rotate-secret").json()
    config = Destination.objects.get().config
    assert renewed == {"signing_secret": config["signing_secret"]}
    assert config["previous_signing_secret"] == made["signing_secret"]
    shown = contoso.get(f"destinations/{made['id']}").content.decode()
    assert made["signing_secret"] not in shown
    assert renewed["signing_secret"] not in shown


def test_a_destination_without_a_signing_secret_has_none_to_renew(
    contoso: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_destination()
    monkeypatch.setattr(HttpsEndpoint, "issue", classmethod(lambda cls: {}))
    monkeypatch.setattr(HttpsEndpoint, "rotate", classmethod(lambda cls, stored, now: {}))
    assert refusal(contoso.post(f"destinations/{made.pk}/rotate-secret")).status == 409


def test_a_destination_without_leads_is_deleted_with_its_routes(contoso: Caller) -> None:
    made = make_destination()
    make_offer(routes=(made,))
    response = contoso.delete(f"destinations/{made.pk}")
    assert (response.status_code, response.content) == (204, b"")
    assert contoso.get("offers/contoso.crm").json()["destinations"] == []
    assert refusal(contoso.get(f"destinations/{made.pk}")).status == 404


def test_a_destination_with_leads_is_not_deleted(contoso: Caller) -> None:
    made = make_destination()
    make_lead(make_offer(routes=(made,)))
    refused = contoso.delete(f"destinations/{made.pk}")
    assert refusal(refused).status == 409
    assert "leads on record" in refused.json()["detail"]
    assert Destination.objects.exists()


@pytest.mark.parametrize("destination_id", ["0", "-1", "x", "4711", str(2**63), "9" * 50, "1.0", "%00"])
def test_a_destination_that_is_not_there_is_not_found(contoso: Caller, destination_id: str) -> None:
    make_destination()
    assert refusal(contoso.get(f"destinations/{destination_id}")).status == 404


def test_the_connectors_there_are_can_be_learnt_from_the_refusal(contoso: Caller) -> None:
    refused = refusal(contoso.post("destinations", ENDPOINT | {"connector": "fax"}))
    assert refused.rules == f"connector must be one of {', '.join(registry.all_connectors())}."


def test_a_stored_secret_does_not_go_to_another_host(contoso: Caller) -> None:
    made = contoso.post("destinations", basic()).json()["id"]
    moved = {"url": "https://elsewhere.example/in"}
    status, fields = refusal(contoso.patch(f"destinations/{made}", {"config": moved}))[:2]
    assert (status, fields) == (422, ["config.password"])
    assert Destination.objects.get().config["url"] == ENDPOINT["config"]["url"]
    assert contoso.patch(f"destinations/{made}", {"config": moved | {"password": "new"}}).status_code == 200
    config = Destination.objects.get().config
    assert (config["url"], config["password"]) == (moved["url"], "new")
