from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from leads.models import Delivery, Lead, Offer
from leads.taxonomy import BUTTONS, Stage, Storefront
from tests.factories import make_destination, make_member, make_offer, make_publisher

pytestmark = pytest.mark.django_db

AZURE = "/store/azure-marketplace/contoso.crm/"
APPSOURCE = "/store/appsource/contoso.crm/"
ADA = {"first_name": "Ada", "last_name": "Example", "email": "ada@example.com", "company": "Example", "country": "US"}


def acquire(client: Client, address: str, **given: Any) -> Any:
    """Open the form as a browser would, fill it in and send it."""
    page = client.get(address)
    return client.post(address, ADA | {"token": token_of(page), "consent": "on"} | given)


def token_of(page: Any) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page.content.decode())
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("status", "who", "answer"),
    [
        ("live", "anonymous", 200),
        ("live", "member", 200),
        ("live", "other publisher", 200),
        ("preview", "anonymous", 404),
        ("preview", "member", 200),
        ("preview", "other publisher", 404),
        ("publishing", "anonymous", 404),
        ("publishing", "member", 200),
        ("publishing", "other publisher", 404),
        ("draft", "anonymous", 404),
        ("draft", "member", 200),
        ("draft", "other publisher", 404),
    ],
)
@pytest.mark.parametrize("page", ["", "?do=INS", "thanks/?do=INS"])
def test_an_offer_is_for_everyone_when_live_and_else_for_its_members(
    client: Client, status: str, who: str, answer: int, page: str
) -> None:
    make_offer(status=status)
    member = make_member("viewer")
    other = make_member("owner", make_publisher("fabrikam"))
    if who != "anonymous":
        client.force_login(member if who == "member" else other)
    assert client.get(AZURE + page).status_code == answer


def test_nobody_sends_the_form_of_an_offer_they_may_not_see(client: Client) -> None:
    make_offer(status="preview")
    assert client.post(AZURE + "?do=INS", ADA | {"consent": "on"}).status_code == 404
    assert not Lead.objects.exists()


def test_only_a_page_that_is_not_live_says_so(client: Client) -> None:
    offer = make_offer(status="preview")
    client.force_login(make_member("owner"))
    assert b"leads from here are marked as preview" in client.get(AZURE).content
    Offer.objects.filter(pk=offer.pk).update(status="live")
    assert b"marked as preview" not in client.get(AZURE).content


def test_an_offer_is_not_found_where_it_is_not_sold(client: Client) -> None:
    Offer.objects.filter(pk=make_offer().pk).update(storefronts=["appsource"])
    assert client.get(APPSOURCE).status_code == 200
    assert client.get(AZURE).status_code == 404


def test_an_unknown_offer_or_storefront_is_not_found(client: Client) -> None:
    make_offer()
    assert client.get("/store/azure-marketplace/contoso.nothing/").status_code == 404
    assert client.get("/store/elsewhere/contoso.crm/").status_code == 404


@pytest.mark.parametrize(("address", "storefront"), [(AZURE, "azure_marketplace"), (APPSOURCE, "appsource")])
def test_a_page_shows_the_buttons_of_its_storefront(client: Client, address: str, storefront: str) -> None:
    make_offer()
    shown = client.get(address).content.decode()
    buttons = [action.label for _, action in BUTTONS[Storefront(storefront)]]
    assert re.findall(r'<a class="button[^>]*>([^<]+)</a>', shown) == buttons


@pytest.mark.parametrize(
    ("address", "source", "action", "stage"),
    [
        (AZURE, "TestDrive", "StartTestDrive", Stage.TEST_DRIVE),
        (AZURE, "AzureMarketplace", "INS", Stage.INITIAL_INTEREST),
        (AZURE, "AzurePortal", "Create", Stage.ACTIVE),
        (APPSOURCE, "TestDrive", "StartTestDrive", Stage.TEST_DRIVE),
        (APPSOURCE, "SPZA", "INS", Stage.INITIAL_INTEREST),
        (APPSOURCE, "SPZA", "PLT", Stage.ACTIVE),
    ],
)
def test_each_button_leads_to_its_stage_and_to_the_destinations(
    client: Client, address: str, source: str, action: str, stage: Stage
) -> None:
    make_offer(routes=(make_destination(),))
    answer = acquire(client, f"{address}?do={action}")
    lead = Lead.objects.get()
    assert answer.status_code == 302
    assert (lead.source, lead.action, lead.stage, lead.kind) == (source, action, stage, "live")
    assert address.startswith(f"/store/{lead.storefront.replace('_', '-')}/")
    assert (lead.first_name, lead.last_name, lead.email, lead.company) == ("Ada", "Example", ADA["email"], "Example")
    assert Delivery.objects.get(lead=lead).state == "waiting"
    assert b"Thank you" in client.get(answer["Location"]).content


def test_a_button_of_the_other_storefront_leads_nowhere(client: Client) -> None:
    make_offer()
    assert b"<form" not in client.get(AZURE + "?do=PLT").content
    client.post(AZURE + "?do=PLT", ADA | {"consent": "on"})
    assert not Lead.objects.exists()


def test_a_lead_acquired_in_preview_is_marked_and_delivered_like_any_other(client: Client) -> None:
    make_offer(status="preview", routes=(make_destination(),))
    client.force_login(make_member("developer"))
    acquire(client, AZURE + "?do=INS")
    assert Lead.objects.get().kind == "preview"
    assert Delivery.objects.get().state == "waiting"


@pytest.mark.parametrize("action", ["INS", "PLT"])
def test_nothing_is_sent_without_the_tick(client: Client, action: str) -> None:
    make_offer()
    answer = acquire(client, f"{APPSOURCE}?do={action}", consent="")
    assert b"Tick this to go on" in answer.content
    assert not Lead.objects.exists()


def test_a_tick_is_kept_as_consent_and_terms_are_not(client: Client) -> None:
    make_offer()
    acquire(client, AZURE + "?do=INS")
    acquire(client, AZURE + "?do=Create")
    assert list(Lead.objects.order_by("received_at").values_list("consent", flat=True)) == [True, None]


def test_bad_input_gets_a_sentence_at_each_field_and_nothing_typed_is_lost(client: Client) -> None:
    make_offer()
    answer = acquire(client, AZURE + "?do=INS", first_name="", email="not-an-address", company="x" * 201, phone="+1 5")
    page = answer.content.decode()
    assert answer.status_code == 200
    for sentence in (
        "First name is needed.",
        "E-mail must be an address such as name@example.com.",
        "Company must be at most 200 characters.",
    ):
        assert sentence in page
    for typed in ("not-an-address", "x" * 201, "+1 5"):
        assert f'value="{typed}"' in page
    assert not Lead.objects.exists()


def test_a_nul_byte_is_refused(client: Client) -> None:
    make_offer()
    assert b"Last name must not hold a NUL character." in acquire(client, AZURE + "?do=INS", last_name="A\x00B").content


def test_notes_become_the_description(client: Client) -> None:
    make_offer()
    acquire(client, APPSOURCE + "?do=PLT&mktcmpid=1234", notes="Please call on Monday.")
    lead = Lead.objects.get()
    assert (lead.description, lead.extra) == ("Please call on Monday.", {"mktcmpid": "1234"})


def test_what_the_address_said_besides_is_kept_and_stands_in_for_notes(client: Client) -> None:
    make_offer()
    acquire(client, APPSOURCE + "?do=INS&mktcmpid=1234&partnerid=98765")
    lead = Lead.objects.get()
    assert lead.extra == {"mktcmpid": "1234", "partnerid": "98765"}
    assert lead.description == '{"mktcmpid": "1234", "partnerid": "98765"}'


def test_a_campaign_survives_the_press_of_a_button(client: Client) -> None:
    make_offer()
    assert b'href="?mktcmpid=1234&amp;do=INS#form"' in client.get(AZURE + "?mktcmpid=1234").content


def test_what_the_address_says_besides_is_bounded(client: Client) -> None:
    make_offer()
    flood = "&".join(f"name{number}={'v' * 300}%00" for number in range(30))
    acquire(client, f"{AZURE}?do=INS&{flood}")
    extra = Lead.objects.get().extra
    assert len(extra) == 10
    assert {len(value) for value in extra.values()} == {200}


def test_the_same_form_sent_twice_makes_one_lead(client: Client) -> None:
    make_offer()
    token = token_of(client.get(AZURE + "?do=INS"))
    for _ in range(2):
        answer = client.post(AZURE + "?do=INS", ADA | {"token": token, "consent": "on"})
        assert answer.status_code == 302
    assert Lead.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_form_sent_twice_at_once_makes_one_lead() -> None:
    make_offer()
    token = token_of(Client().get(AZURE + "?do=INS"))

    def send(_: int) -> int:
        try:
            return Client().post(AZURE + "?do=INS", ADA | {"token": token, "consent": "on"}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as presses:
        assert list(presses.map(send, range(4))) == [302] * 4
    assert Lead.objects.count() == 1


def test_a_form_sent_again_with_other_details_asks_first_and_loses_nothing(client: Client) -> None:
    make_offer()
    sent = ADA | {"token": token_of(client.get(AZURE + "?do=INS")), "consent": "on"}
    client.post(AZURE + "?do=INS", sent)
    again = client.post(AZURE + "?do=INS", sent | {"email": "grace@example.com"})
    assert b"You have sent this form before" in again.content
    assert b'value="grace@example.com"' in again.content
    client.post(AZURE + "?do=INS", sent | {"email": "grace@example.com", "token": token_of(again)})
    assert set(Lead.objects.values_list("email", flat=True)) == {"ada@example.com", "grace@example.com"}


def test_two_people_send_two_leads(client: Client) -> None:
    make_offer()
    acquire(client, AZURE + "?do=INS")
    acquire(client, AZURE + "?do=INS")
    assert Lead.objects.count() == 2


def test_a_machine_that_fills_in_every_field_is_let_go_in_silence(client: Client) -> None:
    make_offer()
    answer = acquire(client, AZURE + "?do=INS", website="https://spam.example")
    assert answer.status_code == 302
    assert not Lead.objects.exists()


def test_a_form_of_another_site_is_refused() -> None:
    make_offer()
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(AZURE + "?do=INS", ADA | {"consent": "on"}).status_code == 403


def test_thanks_without_a_button_goes_back_to_the_offer(client: Client) -> None:
    make_offer()
    assert client.get(AZURE + "thanks/")["Location"] == AZURE


def test_a_page_holds_no_inline_style_or_script(client: Client) -> None:
    make_offer()
    for address in (AZURE, AZURE + "?do=INS", APPSOURCE + "?do=PLT", AZURE + "thanks/?do=INS"):
        page = client.get(address).content.decode()
        assert "style=" not in page
        assert "<script" not in page
