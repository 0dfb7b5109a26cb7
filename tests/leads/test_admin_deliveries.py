from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from leads.models import Attempt, Delivery, Destination, Replay
from tests.factories import make_destination, make_lead, make_offer

pytestmark = pytest.mark.django_db

LIST = "/admin/leads/delivery/"
ALL = {"action": "try_again", "select_across": "1", "_selected_action": "0", "index": "0"}


@pytest.fixture
def refused() -> Delivery:
    """Let one lead be refused, one be uncertain, one be delivered, one be waiting; answer the first."""
    offer = make_offer(routes=(make_destination(),))
    for name in ("refused", "uncertain", "delivered", "waiting"):
        make_lead(offer, f"{name}@example.com", first_name=name)
    for state, cause in (("rejected", "http-422"), ("uncertain", "no-answer"), ("delivered", "")):
        name = "refused" if state == "rejected" else state
        Delivery.objects.filter(lead__first_name=name).update(
            state=state, cause=cause, sentence=f"It was {name}.", attempts=3, finished_at=timezone.now()
        )
    return Delivery.objects.get(state="rejected")


def states() -> dict[str, str]:
    return dict(Delivery.objects.values_list("lead__first_name", "state"))


def rows(page: Any) -> int:
    return len(re.findall(r'class="action-checkbox"', page.content.decode()))


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ("", 4),
        ("state=rejected", 1),
        ("state=waiting", 1),
        ("state=held", 0),
        ("cause=http-422", 1),
        ("cause=dns", 0),
        ("state=bogus", 0),
    ],
)
def test_the_list_is_narrowed(admin_client: Client, refused: Delivery, asked: str, number: int) -> None:
    assert rows(admin_client.get(f"{LIST}?{asked}")) == number


def test_the_list_is_narrowed_to_a_destination_or_a_publisher(admin_client: Client, refused: Delivery) -> None:
    other = make_destination("Elsewhere")
    assert rows(admin_client.get(f"{LIST}?destination__id__exact={refused.destination_id}")) == 4
    assert rows(admin_client.get(f"{LIST}?destination__id__exact={other.pk}")) == 0
    assert rows(admin_client.get(f"{LIST}?publisher__id__exact={refused.publisher_id}")) == 4


def test_the_causes_to_choose_from_are_those_there_are(admin_client: Client, refused: Delivery) -> None:
    page = admin_client.get(LIST).content.decode()
    assert set(re.findall(r'href="\?cause=([^"&]+)', page)) == {"http-422", "no-answer"}


def test_each_row_says_where_it_is_and_why(admin_client: Client, refused: Delivery) -> None:
    page = admin_client.get(LIST).content.decode()
    assert "It was refused." in page
    assert "Decide whether to send it again." in page
    Destination.objects.update(state="held", problem="The sign-in was refused.")
    held = admin_client.get(f"{LIST}?state=held").content.decode()
    assert "Sales endpoint is held. The sign-in was refused." in held


def test_a_delivery_shows_its_attempts(admin_client: Client, refused: Delivery) -> None:
    Attempt.objects.create(
        delivery=refused, number=1, outcome="rejected", status=422, answer="no such territory",
        sentence="It refused this lead (422).", started_at=timezone.now(), seconds=0.25,
    )  # fmt: skip
    page = admin_client.get(f"{LIST}{refused.pk}/change/").content.decode()
    for text in ("no such territory", "0.25 s", "422", f"/admin/leads/lead/{refused.lead_id}/change/"):
        assert text in page


def test_trying_again_asks_first_with_the_number_and_what_may_double(admin_client: Client, refused: Delivery) -> None:
    page = admin_client.post(LIST, ALL).content.decode()
    assert "1 goes first, then the other 2." in page
    assert "1 of them may have reached its destination already" in page
    assert states() == {"refused": "rejected", "uncertain": "uncertain", "delivered": "delivered", "waiting": "waiting"}


def test_confirmed_all_that_match_are_put_in_line(admin_client: Client, refused: Delivery) -> None:
    answer = admin_client.post(f"{LIST}?state=rejected", ALL | {"confirmed": "yes"}, follow=True)
    assert "Replay" in answer.content.decode()
    assert Replay.objects.get().filters == {"operator": {"state": "rejected"}}
    assert states() == {"refused": "waiting", "uncertain": "uncertain", "delivered": "delivered", "waiting": "waiting"}
    refused.refresh_from_db()
    assert refused.attempts == 0


def test_confirmed_the_selected_are_put_in_line(admin_client: Client, refused: Delivery) -> None:
    chosen = {"action": "try_again", "_selected_action": str(refused.pk), "index": "0"}
    page = admin_client.post(LIST, chosen).content.decode()
    assert "1 delivery goes out again." in page
    assert "may have reached" not in page
    assert f'name="_selected_action" value="{refused.pk}"' in page
    admin_client.post(LIST, chosen | {"confirmed": "yes"})
    assert states()["refused"] == "waiting"
    assert states()["uncertain"] == "uncertain"


def test_what_was_delivered_is_not_tried_again(admin_client: Client, refused: Delivery) -> None:
    page = admin_client.post(f"{LIST}?state=delivered", ALL).content.decode()
    assert "None of these can be tried again." in page
    admin_client.post(f"{LIST}?state=delivered", ALL | {"confirmed": "yes"})
    assert states()["delivered"] == "delivered"


def test_what_does_not_land_comes_first_by_destination_and_cause(admin_client: Client, refused: Delivery) -> None:
    page = admin_client.get(LIST).content.decode()
    assert "What does not land, and why" in page
    assert "It was refused." in page
    assert "The publisher must act." in page
    link = f"?destination__id__exact={refused.destination_id}&amp;cause=http-422"
    assert link in page
    narrowed = admin_client.get(LIST + link.replace("&amp;", "&"))
    assert "What does not land" not in narrowed.content.decode()
    assert rows(narrowed) == 1


def test_what_is_being_tried_again_shows_how_far_it_is_and_can_be_stopped(
    admin_client: Client, refused: Delivery
) -> None:
    Delivery.objects.filter(state="waiting").delete()
    shown = admin_client.post(LIST, ALL | {"confirmed": "yes"}, follow=True).content.decode()
    found = Replay.objects.get()
    assert "<b>2</b> in all" in shown
    assert "<b>1</b> on their way" in shown
    stop = {"action": "stop", "_selected_action": str(found.pk), "index": "0"}
    listed = admin_client.post("/admin/leads/replay/", stop, follow=True).content.decode()
    assert "1 stopped." in listed
    assert "admin stopped it." in listed
    assert "0 stopped." in admin_client.post("/admin/leads/replay/", stop, follow=True).content.decode()


def test_a_lead_shows_its_story(admin_client: Client, refused: Delivery) -> None:
    page = admin_client.get(f"/admin/leads/lead/{refused.lead_id}/change/").content.decode()
    for told in ("New customer", "Routed", "Refused: Sales endpoint", "Not taken by Sales endpoint."):
        assert told in page, told


def test_what_is_missing_is_tried_again_where_it_is_named_or_ticked(admin_client: Client, refused: Delivery) -> None:
    Delivery.objects.filter(state="delivered").update(landing="missing", landing_checked_at=timezone.now())
    gone = Delivery.objects.get(landing="missing")
    assert "1 goes first, then the other 2." in admin_client.post(LIST, ALL).content.decode()
    ticked = {"action": "try_again", "_selected_action": str(gone.pk), "index": "0"}
    for page in (admin_client.post(f"{LIST}?state=missing", ALL), admin_client.post(LIST, ticked)):
        told = page.content.decode()
        assert "1 delivery goes out again." in told
        assert "1 of them may have reached its destination already" in told
    admin_client.post(f"{LIST}?cause=missing", ALL | {"confirmed": "yes"})
    assert states()["delivered"] == "waiting"
