from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from connectors import registry
from connectors.base import Connector
from connectors.behaviours import answer
from connectors.fakes import FakeServer
from connectors.forms import KeyFileField
from leads import checking, delivery, destinations, health
from leads.models import Delivery, Destination, Lead
from tests.factories import make_destination, make_lead, make_member, make_offer, make_publisher
from tests.leads.scripted import Scripted
from tests.portal.receiver import receiver as receiver
from tests.portal.visitor import Seen, Visitor

pytestmark = pytest.mark.django_db

CONNECT = "/destinations/new/https_endpoint/"
URL = "https://leads.contoso.example/in"
GOOD = {"name": "Sales endpoint", "url": URL, "auth": "none"}
BEARER = {"auth": "bearer", "token": "tok-4f7d-never-shown"}


@pytest.fixture
def owner() -> Visitor:
    return Visitor(make_member())


def page_of(destination: Destination) -> str:
    return f"/destinations/{destination.pk}/"


def hold(destination: Destination) -> None:
    Destination.objects.filter(pk=destination.pk).update(
        state="held",
        problem="It refused the sign-in (401).",
        problem_fix="Save the right token.",
        problem_since=timezone.now().replace(hour=0, minute=1),
    )


def rest(destination: Destination, until: timedelta) -> None:
    Destination.objects.filter(pk=destination.pk).update(
        state="resting",
        problem="It is unavailable (503).",
        problem_since=timezone.now(),
        resume_at=timezone.now() + until,
    )


def live(visitor: Visitor, address: str) -> Seen:
    """Press a button as htmx does."""
    answered = visitor.client.post(address, headers={"HX-Request": "true"})
    return Seen(answered.status_code, answered.content.decode(), "", {})


def rungs(page: Seen) -> list[str]:
    """List the marks of the rungs in order: ok, no, or nothing for one that was not reached."""
    return re.findall(r'<li class="(ok|no|)">\s*<div>\s*<span class="sr-only">', page.html)


# The list


def test_the_list_says_how_each_destination_is(owner: Visitor) -> None:
    good, held = make_destination("Sales endpoint"), make_destination("CRM bridge")
    offer = make_offer(routes=(good, held))
    hold(held)
    make_lead(offer)
    make_lead(offer, "grace@example.com")
    page = owner.see("/destinations/")
    assert page.links()["Sales endpoint"] == page_of(good)
    assert "CRM bridge HTTPS endpoint It refused the sign-in (401). Held 2 Contoso CRM never" in page.text
    assert page.links()["Contoso CRM"] == "/offers/contoso.crm/"
    assert page.links()["2"] in [f"/deliveries/?destination={place.pk}&state=waiting" for place in (good, held)]


def test_the_list_costs_the_same_however_long_it_is(owner: Visitor) -> None:
    make_offer(routes=(make_destination("One"),))
    with CaptureQueriesContext(
        connection,
    ) as few:
        owner.see("/destinations/")
    make_offer("two", routes=tuple(make_destination(f"More {number}") for number in range(5)))
    with CaptureQueriesContext(connection) as many:
        owner.see("/destinations/")
    assert len(many) == len(few) <= 9


def test_without_a_destination_who_may_connect_one_is_told_how(owner: Visitor) -> None:
    assert owner.see("/destinations/").next_things() == ["Connect a destination"]
    page = Visitor(make_member("viewer")).see("/destinations/")
    assert "An owner or developer of your publisher can connect" in page.text
    assert "/destinations/new/" not in page.html


def test_older_destinations_are_a_page_away_and_a_made_up_page_is_the_newest(owner: Visitor) -> None:
    for number in range(51):
        make_destination(f"Place {number:02}")
    newest = owner.see("/destinations/")
    assert ("Place 50" in newest.text, "Place 00" in newest.text) == (True, False)
    assert "Place 00" in owner.see("/destinations/" + newest.links()["Older"]).text
    strayed = owner.see("/destinations/?cursor=made-up")
    assert "a page that this list did not give out" in strayed.text
    assert "Place 50" in strayed.text


# Choosing and connecting


def test_the_choice_shows_every_connector_there_is(owner: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    known: dict[str, type[Connector[Any]]] = {**registry.all_connectors(), "scripted": Scripted}
    monkeypatch.setattr(registry, "all_connectors", lambda: known)
    page = owner.see("/destinations/new/")
    for slug, connector in known.items():
        assert f'href="/destinations/new/{slug}/"' in page.html
        assert connector.label in page.text
        assert connector.summary in page.text
    assert "You need no destination" in page.text


def test_the_guide_stands_beside_the_form(owner: Visitor) -> None:
    page = owner.see(CONNECT)
    assert "What you need" in page.text
    assert '<li class="now" aria-current="step">Connect</li>' in page.html
    assert page.links()["Cancel"] == "/destinations/"


def test_there_is_no_page_for_a_connector_that_is_not_there(owner: Visitor) -> None:
    assert owner.see("/destinations/new/fax/").status == 404


def test_a_destination_is_connected_and_its_secret_shown_once(owner: Visitor) -> None:
    page = owner.sent_on(CONNECT, **GOOD)
    destination = Destination.objects.get()
    assert (destination.name, destination.shown_config["url"]) == ("Sales endpoint", URL)
    assert destination.versions.get().saved_by is not None
    secret = destination.config["signing_secret"]
    assert secret in page.html
    assert "It is shown this once" in page.text
    assert secret not in owner.see(page_of(destination)).html


def test_a_secret_waits_encrypted_and_for_its_own_page_only(owner: Visitor) -> None:
    other = make_destination("Other")
    owner.send(CONNECT, **GOOD)
    destination = Destination.objects.get(name="Sales endpoint")
    secret = destination.config["signing_secret"]
    assert secret not in str(dict(owner.client.session))
    assert secret not in owner.see(page_of(other)).html
    assert secret in owner.see(page_of(destination)).html


def test_bad_settings_get_a_sentence_at_their_field_and_keep_what_was_typed(owner: Visitor) -> None:
    page = owner.send(CONNECT, **GOOD | BEARER | {"url": "http://leads.contoso.example/in"})
    assert page.status == 200
    assert not Destination.objects.exists()
    assert re.search(r'<span class="error" id="id_url_error">[^<]*https', page.html)
    assert 'value="http://leads.contoso.example/in"' in page.html
    assert 'value="Sales endpoint"' in page.html
    assert BEARER["token"] not in page.html
    assert "Bearer token must be typed again, because a page never carries a secret back." in page.text


def test_a_name_is_taken_once_whatever_its_case(owner: Visitor) -> None:
    make_destination("Sales Endpoint")
    make_destination("Elsewhere", publisher=make_publisher("fabrikam"))
    page = owner.send(CONNECT, **GOOD)
    assert "You have another destination of this name." in page.text
    assert owner.send(CONNECT, **GOOD | {"name": "Elsewhere"}).status == 302


def test_of_two_who_take_a_name_at_once_one_is_told(owner: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    make_destination("Sales endpoint")
    monkeypatch.setattr("portal.forms.destinations.NameForm.clean_name", lambda form: form.cleaned_data["name"])
    page = owner.send(CONNECT, **GOOD)
    assert "You have another destination of this name." in page.text
    second = make_destination("Second")
    page = owner.send(page_of(second) + "edit/", **GOOD)
    assert "You have another destination of this name." in page.text
    assert Destination.objects.count() == 2


def test_a_destination_that_was_never_checked_is_checked_when_its_page_opens(owner: Visitor) -> None:
    destination = make_destination()
    page = owner.see(page_of(destination))
    assert 'hx-trigger="load, submit"' in page.html
    assert "Connected, and not checked yet." in page.text
    assert rungs(page) == ["", "", "", ""]
    seen_by_a_viewer = Visitor(make_member("viewer")).see(page_of(destination)).html
    assert "hx-post" not in seen_by_a_viewer
    assert "hx-trigger" not in seen_by_a_viewer


# Checking


def test_a_check_that_passes_leads_to_the_test_lead(owner: Visitor, receiver: FakeServer) -> None:
    destination = make_destination()
    page = owner.sent_on(page_of(destination) + "check/")
    assert rungs(page) == ["ok", "ok", "ok", "ok"]
    assert "took a signed test message and answered 200." in page.text
    assert "All checks passed." in page.text
    assert page.next_things() == ["Send a test lead"]
    assert 'hx-trigger="load' not in page.html


def test_a_check_that_fails_names_the_rung_the_reason_and_the_fix(owner: Visitor, receiver: FakeServer) -> None:
    receiver.always = answer(401, "no")
    destination = make_destination(config=BEARER)
    page = owner.sent_on(page_of(destination) + "check/")
    assert rungs(page) == ["ok", "ok", "ok", "no"]
    assert "leads.contoso.example refused the sign-in (401)." in page.text
    assert "Compare the sign-in settings here with what your endpoint expects" in page.text
    assert page.next_things() == ["Change the settings"]


def test_a_check_pressed_in_a_browser_changes_rungs_and_standing_alone(owner: Visitor, receiver: FakeServer) -> None:
    destination = make_destination()
    part = live(owner, page_of(destination) + "check/")
    assert "<html" not in part.html
    assert rungs(part) == ["ok", "ok", "ok", "ok"]
    assert 'id="standing" hx-swap-oob="true"' in part.html


def test_a_check_that_somebody_waits_for_is_looked_at_again_and_again(owner: Visitor) -> None:
    destination = make_destination()
    climbed = [{"name": name, "passed": True} for name in destination.rungs[:2]]
    Destination.objects.update(last_check=[*climbed, {"name": destination.rungs[2], "passed": None}])
    part = owner.see(page_of(destination) + "rungs/")
    assert 'hx-trigger="load delay:500ms"' in part.html
    assert "<html" not in part.html
    assert rungs(part) == ["ok", "ok", ""]


def test_a_check_that_passes_lets_a_held_destination_try_again(owner: Visitor, receiver: FakeServer) -> None:
    destination = make_destination()
    hold(destination)
    part = live(owner, page_of(destination) + "check/")
    destination.refresh_from_db()
    assert destination.state == Destination.State.RESTING
    assert "Held" not in part.text


# The test lead


def test_a_test_lead_is_followed_until_it_lands(owner: Visitor, receiver: FakeServer) -> None:
    destination = make_destination(config=BEARER)
    waiting = owner.sent_on(page_of(destination) + "test-lead/")
    lead = Lead.objects.get()
    address = f"{page_of(destination)}test-lead/{lead.pk}/"
    assert f'hx-get="{address}" hx-trigger="every 1s"' in waiting.html
    assert "Nothing was sent yet." in waiting.text
    delivery.drain(destination.pk)
    part = owner.see(address, **{"HX-Request": "true"})
    assert "<html" not in part.html
    assert "hx-get" not in part.html
    assert "Delivered to Sales endpoint." in part.text
    assert "It is known there as L-4711." in part.text


def test_sent_and_answered_stand_side_by_side(owner: Visitor, receiver: FakeServer) -> None:
    destination = make_destination(config=BEARER)
    destination_page = owner.sent_on(page_of(destination) + "test-lead/")
    delivery.drain(destination.pk)
    page = owner.see(f"{page_of(destination)}test-lead/{Lead.objects.get().pk}/")
    [request] = receiver.requests
    body = request.json()
    assert f"POST {URL}" in page.text
    assert f'"LeadId": "{body["LeadId"]}"' in page.text
    assert f'"FirstName": "{body["UserDetails"]["FirstName"]}"' in page.text
    assert "webhook-id: " + request.headers["webhook-id"] in page.text
    assert "Authorization: Bearer ••••••••" in page.text
    assert request.headers["authorization"] == f"Bearer {BEARER['token']}"
    assert BEARER["token"] not in page.html + destination_page.html
    assert "Taken 200" in page.text
    assert '{"id": "L-4711"}' in page.text


def test_a_test_lead_that_cannot_go_on_says_why_and_is_not_asked_for_again(owner: Visitor) -> None:
    destination = make_destination()
    hold(destination)
    page = owner.sent_on(page_of(destination) + "test-lead/")
    assert "Waiting: Sales endpoint is held. It refused the sign-in (401)." in page.text
    assert "Save the right token." in page.text
    assert "hx-get" not in page.html
    assert page.links()["See what to do"] == page_of(destination)


def test_the_test_page_is_for_test_leads_of_this_destination(owner: Visitor) -> None:
    destination, other = make_destination(), make_destination("Other")
    received = make_lead(make_offer(routes=(destination,)))
    test = destinations.send_test_lead(destination)
    assert owner.see(f"{page_of(destination)}test-lead/{received.lead_id}/").status == 404
    assert owner.see(f"{page_of(other)}test-lead/{test.lead_id}/").status == 404
    assert owner.see(f"{page_of(destination)}test-lead/{test.lead_id}/").status == 200


# How it stands


def test_a_held_destination_says_what_since_when_and_what_to_do(owner: Visitor) -> None:
    destination = make_destination()
    make_lead(make_offer(routes=(destination,)))
    hold(destination)
    page = owner.see(page_of(destination))
    assert "Held It refused the sign-in (401). Since today 00:01. Save the right token." in page.text
    assert "1 lead waits. Nothing is lost: they are sent as soon as the settings work again." in page.text
    assert page.links()["Change the settings"] == page_of(destination) + "edit/"
    assert "Change the settings" in page.next_things()


def test_a_resting_destination_says_when_it_goes_on_and_can_be_hurried(owner: Visitor) -> None:
    destination = make_destination()
    rest(destination, timedelta(minutes=5))
    page = owner.see(page_of(destination))
    assert "It is unavailable (503)." in page.text
    assert "We try again by ourselves at" in page.text
    owner.send(page_of(destination) + "resume/")
    destination.refresh_from_db()
    assert destination.resume_at is not None
    assert destination.resume_at <= timezone.now()


def test_a_pause_ends_when_somebody_ends_it(owner: Visitor) -> None:
    destination = make_destination()
    page = owner.sent_on(page_of(destination) + "pause/")
    assert "Sales endpoint is paused. Its leads wait, and none is lost." in page.text
    assert page.next_things()[:1] == ["Resume"]
    assert page_of(destination) + "pause/" not in page.posts_to()
    owner.send(page_of(destination) + "edit/", **GOOD | {"url": URL + "2"})
    destination.refresh_from_db()
    assert destination.state == Destination.State.PAUSED
    owner.sent_on(page_of(destination) + "resume/")
    destination.refresh_from_db()
    assert destination.state == Destination.State.RESTING


def test_a_destination_that_works_and_serves_nobody_says_so(owner: Visitor, receiver: FakeServer) -> None:
    destination = make_destination()
    checking.check(destination)
    destinations.send_test_lead(destination)
    delivery.drain(destination.pk)
    page = owner.see(page_of(destination))
    assert "It works, and no offer sends leads here yet." in page.text
    assert '<li class="now" aria-current="step">Use</li>' in page.html
    make_offer(routes=(destination,))
    page = owner.see(page_of(destination))
    assert "It takes leads. Nothing waits." in page.text
    assert "Steps" not in page.html


# Changing


def test_an_empty_secret_keeps_the_stored_one(owner: Visitor) -> None:
    destination = make_destination(config=BEARER)
    form = owner.see(page_of(destination) + "edit/")
    assert "stored; leave empty to keep it" in form.html
    assert f'value="{URL}"' in form.html
    page = owner.sent_on(page_of(destination) + "edit/", **GOOD | {"name": "Renamed", "auth": "bearer", "token": ""})
    destination.refresh_from_db()
    assert (destination.name, destination.config["token"]) == ("Renamed", BEARER["token"])
    assert "The settings of Renamed are saved." in page.text


def test_a_stored_secret_does_not_go_to_another_host(owner: Visitor) -> None:
    destination = make_destination(config=BEARER)
    moved = GOOD | {"auth": "bearer", "token": "", "url": "https://elsewhere.example/in"}
    page = owner.send(page_of(destination) + "edit/", **moved)
    assert "Enter the bearer token again: the address changed." in page.text
    destination.refresh_from_db()
    assert destination.config["url"] == URL
    owner.send(page_of(destination) + "edit/", **moved | {"token": "tok-new"})
    destination.refresh_from_db()
    assert (destination.config["url"], destination.config["token"]) == (moved["url"], "tok-new")


def test_saving_lets_a_held_destination_try_again(owner: Visitor) -> None:
    destination = make_destination(config=BEARER)
    hold(destination)
    owner.send(page_of(destination) + "edit/", **GOOD | BEARER | {"token": "tok-new"})
    destination.refresh_from_db()
    assert destination.state == Destination.State.RESTING
    assert destination.config["token"] == "tok-new"


def test_the_history_says_who_changed_what_and_no_secret(owner: Visitor) -> None:
    destination = make_destination(config=BEARER)
    owner.send(page_of(destination) + "edit/", **GOOD | {"auth": "bearer", "token": "tok-new", "url": URL + "/2"})
    owner.send(page_of(destination) + "edit/", **GOOD | {"auth": "none", "url": URL + "/2"})
    page = owner.see(page_of(destination))
    assert f"Address: {URL}/2 (was {URL})" in page.text
    assert "Bearer token changed" in page.text
    assert "Sign-in: None: the signature alone (was Bearer token)" in page.text
    assert "owner-contoso · version 2" in page.text
    assert "tok-new" not in page.html


def test_one_press_goes_back_to_a_version_but_not_to_its_signing_secret(owner: Visitor) -> None:
    destination = make_destination(config=BEARER)
    owner.send(page_of(destination) + "edit/", **GOOD | {"url": URL + "/2"})
    owner.send(page_of(destination) + "rotate/")
    destination.refresh_from_db()
    renewed = destination.config["signing_secret"]
    page = owner.sent_on(page_of(destination) + "versions/1/revert/")
    destination.refresh_from_db()
    assert "The settings are those of version 1 again." in page.text
    assert (destination.config["url"], destination.config["token"]) == (URL, BEARER["token"])
    assert destination.config["signing_secret"] == renewed
    assert destination.versions.count() == 4
    assert owner.send(page_of(destination) + "versions/9/revert/").status == 404


def test_a_new_signing_secret_is_shown_once_and_the_old_signs_on(owner: Visitor, receiver: FakeServer) -> None:
    destination = make_destination()
    old = destination.config["signing_secret"]
    assert "For 24 hours each message is signed with both" in owner.see(page_of(destination)).text
    page = owner.sent_on(page_of(destination) + "rotate/")
    destination.refresh_from_db()
    new = destination.config["signing_secret"]
    assert new != old
    assert new in page.html
    assert old not in page.html
    assert new not in owner.see(page_of(destination)).html
    destinations.send_test_lead(destination)
    delivery.drain(destination.pk)
    assert len(receiver.requests[-1].headers["webhook-signature"].split()) == 2


def test_settings_that_no_key_opens_can_be_entered_again(owner: Visitor, settings: Settings) -> None:
    destination = make_destination(config=BEARER)
    test = destinations.send_test_lead(destination)
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    assert "The stored settings cannot be read" in owner.see(page_of(destination)).text
    assert "so the message cannot be shown" in owner.see(f"{page_of(destination)}test-lead/{test.lead_id}/").text
    assert "Enter the settings again." in owner.sent_on(page_of(destination) + "check/").text
    assert "nothing was changed" in owner.sent_on(page_of(destination) + "rotate/").text
    assert "Version 1 cannot be read any more." in owner.sent_on(page_of(destination) + "versions/1/revert/").text
    owner.sent_on(page_of(destination) + "edit/", **GOOD)
    destination.refresh_from_db()
    assert destination.shown_config["url"] == URL
    assert destination.config["signing_secret"].startswith("whsec_")


def test_what_the_api_changed_is_in_the_history_too(owner: Visitor) -> None:
    destination = make_destination()
    destinations.change(destination, mapping={"Campaign": "=spring"})
    page = owner.see(page_of(destination))
    assert "Mapping changed today" in page.text


def test_a_connector_that_issues_nothing_has_nothing_to_show_or_renew(
    owner: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    known: dict[str, type[Connector[Any]]] = {**registry.all_connectors(), "scripted": Scripted}
    monkeypatch.setattr(registry, "all_connectors", lambda: known)
    destination = make_destination(connector="scripted")
    owner.send(page_of(destination) + "rotate/")
    page = owner.see(page_of(destination))
    assert "shown this once" not in page.text
    assert page_of(destination) + "rotate/" not in page.posts_to()


def test_the_day_a_secret_ends_can_be_said_changed_and_taken_back(owner: Visitor) -> None:
    owner.send(CONNECT, **GOOD, secret_expires_on="2027-03-31")
    destination = Destination.objects.get()
    page = owner.see(page_of(destination))
    assert "Secret ends on 31 Mar 2027" in page.text
    edit = page_of(destination) + "edit/"
    assert 'value="2027-03-31"' in owner.see(edit).html
    assert "Enter a date such as 2026-01-31." in owner.send(edit, **GOOD, secret_expires_on="soon").text
    owner.send(edit, **GOOD)
    assert "Secret ends on" not in owner.see(page_of(destination)).text


def test_a_day_alone_makes_no_version_and_lets_no_lead_through(owner: Visitor) -> None:
    owner.send(CONNECT, **GOOD)
    destination = Destination.objects.get()
    hold(destination)
    owner.send(page_of(destination) + "edit/", **GOOD, secret_expires_on="2027-03-31")
    destination.refresh_from_db()
    assert (destination.state, destination.versions.count()) == ("held", 1)
    assert str(destination.secret_expires_on) == "2027-03-31"


def test_a_key_can_be_uploaded_and_is_never_shown(owner: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    class KeyForm(registry.get("https_endpoint").form_class):  # type: ignore[misc] # a class found by its name
        password = KeyFileField(label="Private key", help_text="In PEM format.")

    monkeypatch.setattr(registry.get("https_endpoint"), "form_class", KeyForm)
    key = "-----BEGIN KEY-----\nbm90LWEta2V5\n-----END KEY-----"
    form = owner.see(CONNECT)
    assert 'enctype="multipart/form-data"' in form.html
    assert 'type="file" name="password_file"' in form.html
    bad = owner.send(
        CONNECT, **GOOD | {"auth": "basic", "username": "portal", "name": ""}, password_file=ContentFile(key, "key.pem")
    )
    assert "Private key must be typed again" in bad.text
    owner.send(CONNECT, **GOOD | {"auth": "basic", "username": "portal"}, password_file=ContentFile(key, "key.pem"))
    destination = Destination.objects.get()
    assert destination.config["password"] == key
    owner.send(page_of(destination) + "edit/", **GOOD | {"auth": "basic", "username": "portal"})
    destination.refresh_from_db()
    assert destination.config["password"] == key
    assert "bm90LWEta2V5" not in owner.see(page_of(destination) + "edit/").html + bad.html


# Removing


def test_a_destination_that_never_had_a_lead_is_removed(owner: Visitor) -> None:
    destination = make_destination()
    make_offer(routes=(destination,))
    assert page_of(destination) + "remove/" in owner.see(page_of(destination)).posts_to()
    page = owner.sent_on(page_of(destination) + "remove/")
    assert "Sales endpoint is removed." in page.text
    assert not Destination.objects.exists()


def test_a_destination_with_leads_on_record_stays_and_says_why(owner: Visitor) -> None:
    destination = make_destination()
    make_lead(make_offer(routes=(destination,)))
    assert page_of(destination) + "remove/" not in owner.see(page_of(destination)).posts_to()
    page = owner.sent_on(page_of(destination) + "remove/")
    assert "Sales endpoint has leads on record, which the books need, so it stays." in page.text
    assert Destination.objects.exists()


# Secrets and access


def test_no_page_carries_a_secret(owner: Visitor, receiver: FakeServer) -> None:
    secrets = {
        "header_value": "hdr-S3CRET",
        "password": "pw-S3CRET",
        "token": "tok-S3CRET",
        "client_secret": "cli-S3CRET",
    }
    destination = make_destination(config=secrets | {"auth": "header", "header_name": "X-Api-Key"})
    secrets = {key: value for key, value in destination.config.items() if key in secrets | {"signing_secret": ""}}
    assert len(secrets) == 5
    receiver.always = answer(400, " ".join(secrets.values()))
    make_lead(make_offer(routes=(destination,)))
    owner.send(page_of(destination) + "check/")
    sent = owner.sent_on(page_of(destination) + "test-lead/")
    delivery.drain(destination.pk)
    test = Delivery.objects.get(lead__kind="test")
    real = Delivery.objects.exclude(lead__kind="test").get()
    base = page_of(destination)
    addresses = [base, base + "edit/", f"{base}test-lead/{test.lead_id}/", "/destinations/", "/deliveries/", "/leads/"]
    addresses += [f"/deliveries/{test.pk}/", f"/deliveries/{real.pk}/", f"/leads/{real.lead_id}/"]
    pages = [owner.see(address) for address in addresses] + [sent, live(owner, base + "check/")]
    assert {page.status for page in pages} == {200}
    assert [value for value in secrets.values() for page in pages if value in page.html] == []
    assert any("Refused 400" in page.text for page in pages)


def pages(destination: Destination, lead_id: object) -> list[str]:
    base = page_of(destination)
    return ["/destinations/", base, f"{base}rungs/", f"{base}test-lead/{lead_id}/"]


def forms(destination: Destination) -> list[str]:
    return ["/destinations/new/", CONNECT, page_of(destination) + "edit/"]


def buttons(destination: Destination) -> list[str]:
    names = ("check", "test-lead", "rotate", "pause", "resume", "prove-daily", "remove", "edit", "versions/1/revert")
    return [f"{page_of(destination)}{name}/" for name in names]


@pytest.mark.parametrize("role", ["owner", "developer"])
def test_owners_and_developers_open_every_page(role: str) -> None:
    visitor, destination = Visitor(make_member(role)), make_destination()
    test = destinations.send_test_lead(destination)
    for address in pages(destination, test.lead_id) + forms(destination):
        assert visitor.see(address).status == 200, address
    assert page_of(destination) + "pause/" in visitor.see(page_of(destination)).posts_to()


@pytest.mark.parametrize("role", ["marketing", "viewer"])
def test_marketing_and_viewers_look_and_change_nothing(role: str) -> None:
    visitor, destination = Visitor(make_member(role)), make_destination()
    test = destinations.send_test_lead(destination)
    before = Destination.objects.values().get()
    for address in pages(destination, test.lead_id):
        page = visitor.see(address)
        assert page.status == 200, address
        assert page.posts_to() == [], address
    for address in forms(destination):
        assert visitor.see(address).status == 403, address
    for address in buttons(destination):
        assert visitor.send(address, **GOOD).status == 403, address
    assert visitor.send(CONNECT, **GOOD).status == 403
    assert Destination.objects.values().get() == before


def test_another_publisher_finds_nothing() -> None:
    destination = make_destination()
    test = destinations.send_test_lead(destination)
    before = Destination.objects.values().get()
    fabrikam = Visitor(make_member(publisher=make_publisher("fabrikam")))
    assert "Sales endpoint" not in fabrikam.see("/destinations/").html
    for address in [*pages(destination, test.lead_id)[1:], page_of(destination) + "edit/"]:
        assert fabrikam.see(address).status == 404, address
    for address in buttons(destination):
        assert fabrikam.send(address, **GOOD).status == 404, address
    assert Destination.objects.values().get() == before


def test_who_is_not_signed_in_is_asked_to() -> None:
    destination = make_destination()
    test = destinations.send_test_lead(destination)
    stranger = Visitor()
    for address in pages(destination, test.lead_id) + forms(destination):
        assert stranger.see(address).leads_to.startswith("/sign-in/?next="), address
    for address in [*buttons(destination), CONNECT]:
        assert stranger.send(address, **GOOD).leads_to.startswith("/sign-in/?next="), address
    health.pause(destination)
    assert Destination.objects.count() == 1


def test_buttons_are_pressed_and_not_followed(owner: Visitor) -> None:
    destination = make_destination()
    for address in buttons(destination):
        if not address.endswith("/edit/"):
            assert owner.see(address).status == 405, address


def test_a_form_from_elsewhere_is_refused() -> None:
    make_member()
    destination = make_destination()
    visitor = Visitor(enforce_csrf_checks=True)
    visitor.client.login(username="owner-contoso", password="correct horse battery")
    assert visitor.send(page_of(destination) + "pause/").status == 403
