from __future__ import annotations

import pytest
from django.test import Client

from leads import destinations
from leads.models import Destination
from tests.factories import make_destination, make_lead, make_offer

pytestmark = pytest.mark.django_db

LIST = "/admin/leads/destination/"
SECRETS = {"auth": "bearer", "token": "tok-geheim-1"}


def acted(client: Client, action: str, destination: Destination) -> str:
    chosen = {"action": action, "_selected_action": str(destination.pk), "index": "0"}
    return client.post(LIST, chosen, follow=True).content.decode()


def test_state_problem_and_what_waits_are_shown(admin_client: Client) -> None:
    destination = make_destination()
    offer = make_offer(routes=(destination,))
    for number in range(3):
        make_lead(offer, f"c{number}@example.com")
    Destination.objects.filter(pk=destination.pk).update(
        state="held", problem="The sign-in was refused.", problem_since="2026-01-02T03:04Z"
    )
    page = admin_client.get(LIST).content.decode()
    for text in (
        "Sales endpoint",
        "Contoso",
        "HTTPS endpoint",
        "Held",
        "The sign-in was refused.",
        "2 Jan 2026, 03:04",
    ):
        assert text in page
    assert '<td class="field-waits">3</td>' in page


def test_no_secret_is_on_any_page_old_or_new(admin_client: Client) -> None:
    destination = make_destination(config=SECRETS)
    issued = str(destination.config["signing_secret"])
    destinations.change(destination, config=destination.config | {"token": "tok-geheim-2"})
    pages = [LIST, f"{LIST}{destination.pk}/change/", f"{LIST}{destination.pk}/history/", "/admin/"]
    text = "".join(admin_client.get(page).content.decode() for page in pages)
    assert "tok-geheim" not in text
    assert issued not in text
    assert "sealed_config" not in text
    assert bytes(destination.sealed_config).decode() not in text
    assert "https://leads.contoso.example/in" in text
    assert "token: changed" in text


def test_versions_tell_what_changed_from_what_to_what(admin_client: Client) -> None:
    destination = make_destination()
    destinations.change(destination, config=destination.config | {"url": "https://new.contoso.example/in"})
    page = admin_client.get(f"{LIST}{destination.pk}/change/").content.decode()
    assert "url: https://leads.contoso.example/in → https://new.contoso.example/in" in page


def test_the_rungs_of_the_last_check_are_shown(admin_client: Client) -> None:
    destination = make_destination()
    Destination.objects.filter(pk=destination.pk).update(
        last_check=[
            {"name": "Address found", "passed": True, "sentence": "Found.", "fix": "", "seconds": 0.1},
            {"name": "Sign-in", "passed": False, "sentence": "Refused.", "fix": "", "seconds": 0.1},
            {"name": "Accepts leads", "passed": None, "sentence": "", "fix": "", "seconds": None},
        ]
    )
    page = admin_client.get(f"{LIST}{destination.pk}/change/").content.decode()
    for text in (
        "Passed</span> Address found: Found.",
        "Failed</span> Sign-in: Refused.",
        "Not started</span> Accepts",
    ):
        assert text in page.replace("\n", "")


def test_settings_that_no_key_opens_are_said_to_be_so(admin_client: Client) -> None:
    destination = make_destination()
    Destination.objects.filter(pk=destination.pk).update(sealed_config=b"sealed with another key")
    page = admin_client.get(f"{LIST}{destination.pk}/change/").content.decode()
    assert "No key in FIELD_KEYS opens these settings." in page


def test_a_destination_is_paused_and_resumed(admin_client: Client) -> None:
    destination = make_destination()
    assert "1 paused. Their leads wait." in acted(admin_client, "pause", destination)
    destination.refresh_from_db()
    assert destination.state == "paused"
    assert "1 try one lead now" in acted(admin_client, "resume", destination)
    destination.refresh_from_db()
    assert destination.state == "resting"
    assert destination.resume_at is not None
