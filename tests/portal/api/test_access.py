"""Who may do what: every route there is, tried by everybody."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from leads import keys
from leads.models import Delivery, Replay
from tests.factories import make_destination, make_lead, make_offer, make_publisher
from tests.portal.api.conftest import Caller, refusal

pytestmark = pytest.mark.django_db

INTAKE = {("post", "leads"), ("post", "leads/batch")}
WHOLE = {
    ("get", "leads"),
    ("get", "offers"),
    ("post", "offers"),
    ("get", "destinations"),
    ("post", "destinations"),
    ("get", "deliveries"),
    ("get", "deliveries/groups"),
    ("post", "deliveries/replay"),
    ("get", "replays"),
    ("get", "funnel"),
    ("get", "balance"),
}
OF_ONE = {
    ("get", "leads/{lead_id}"),
    ("get", "offers/{full_id}"),
    ("patch", "offers/{full_id}"),
    ("post", "offers/{full_id}/publish"),
    ("get", "offers/{full_id}/publication"),
    ("post", "offers/{full_id}/go-live"),
    ("post", "offers/{full_id}/unpublish"),
    ("get", "destinations/{destination_id}"),
    ("patch", "destinations/{destination_id}"),
    ("delete", "destinations/{destination_id}"),
    ("post", "destinations/{destination_id}/check"),
    ("post", "destinations/{destination_id}/test-lead"),
    ("post", "destinations/{destination_id}/rotate-secret"),
    ("get", "deliveries/{delivery_id}"),
    ("get", "replays/{replay_id}"),
    ("post", "replays/{replay_id}/stop"),
}
PUBLISHERS = WHOLE | OF_ONE


def call(caller: Caller, method: str, path: str) -> Any:
    if method in ("get", "delete"):
        return getattr(caller, method)(path)
    return caller.send(method, path, "{}")


def test_this_list_names_every_route_there_is(nobody: Caller) -> None:
    described = nobody.get("openapi.json").json()["paths"]
    routes = {(method, path.removeprefix("/api/v1/")) for path, methods in described.items() for method in methods}
    assert routes == INTAKE | PUBLISHERS


@pytest.mark.parametrize(("method", "path"), sorted(INTAKE | PUBLISHERS))
def test_nobody_is_asked_for_a_key(nobody: Caller, method: str, path: str) -> None:
    response = call(nobody, method, path)
    assert refusal(response)[:2] == (401, ["Authorization"])
    assert response["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(("method", "path"), sorted(INTAKE | PUBLISHERS))
def test_an_unknown_key_opens_nothing(db: None, method: str, path: str) -> None:
    response = call(Caller("pub_unknown"), method, path)
    assert refusal(response)[:2] == (401, ["Authorization"])
    assert response["WWW-Authenticate"] == 'Bearer error="invalid_token"'


@pytest.mark.parametrize(("method", "path"), sorted(INTAKE))
def test_a_publishers_key_does_not_send_leads(contoso: Caller, method: str, path: str) -> None:
    assert refusal(call(contoso, method, path))[:2] == (403, ["Authorization"])


@pytest.mark.parametrize(("method", "path"), sorted(PUBLISHERS))
def test_an_intake_key_does_nothing_else(marketplace: Caller, method: str, path: str) -> None:
    assert refusal(call(marketplace, method, path))[:2] == (403, ["Authorization"])


@pytest.fixture
def things(db: None) -> dict[str, object]:
    """Make one of everything, Contoso's."""
    destination = make_destination()
    received = make_lead(make_offer(routes=(destination,)))
    delivery = Delivery.objects.get()
    replayed = Replay.objects.create(publisher=make_publisher(), total=1)
    return {
        "lead_id": received.lead_id,
        "full_id": "contoso.crm",
        "destination_id": destination.pk,
        "delivery_id": delivery.pk,
        "replay_id": replayed.pk,
    }


@pytest.mark.parametrize(("method", "path"), sorted(OF_ONE))
def test_what_is_anothers_is_not_there(fabrikam: Caller, things: dict[str, object], method: str, path: str) -> None:
    theirs = call(fabrikam, method, path.format(**things))
    none = dict.fromkeys(things, 10**6) | {"lead_id": uuid4(), "full_id": "contoso.none"}
    assert refusal(theirs).status == 404
    assert theirs.content == call(fabrikam, method, path.format(**none)).content


@pytest.mark.usefixtures("receiver")
@pytest.mark.parametrize(("method", "path"), sorted(OF_ONE - {("get", "offers/{full_id}/publication")}))
def test_what_is_ours_is_there(contoso: Caller, things: dict[str, object], method: str, path: str) -> None:
    # Two acts cannot be done to these: a live offer is live already, and a destination with leads stays.
    response = call(contoso, method, path.format(**things))
    assert response.status_code == (409 if method == "delete" else response.status_code)
    assert response.status_code in (200, 202, 409)


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic cHViOng=", "pub_x", "Bearer  ", "bearer \x7f", "Bearer ä", "Bearer a b"]
)
def test_a_header_that_names_no_key_opens_nothing(nobody: Caller, header: str) -> None:
    nobody.headers = {"Authorization": header}
    assert refusal(nobody.get("leads")).status == 401


def test_the_word_bearer_is_read_in_any_case(db: None) -> None:
    caller = Caller()
    caller.headers = {"Authorization": f"bearer {keys.issue('crm', make_publisher())[1]}"}
    assert caller.get("leads").status_code == 200


def test_a_revoked_key_opens_nothing(db: None) -> None:
    key, token = keys.issue("crm", make_publisher())
    keys.revoke(key)
    assert refusal(Caller(token).get("leads")).status == 401
