from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leads.models import Destination, Offer, Publication
from portal.writing import DASH
from tests.factories import make_destination, make_lead, make_member, make_offer, make_publisher
from tests.portal.visitor import Visitor

pytestmark = pytest.mark.django_db

GOOD = {"title": "Contoso CRM", "offer_id": "crm", "storefronts": ["azure_marketplace", "appsource"]}
PAGE = "/offers/contoso.crm/"
FORMS = ("/offers/register/", PAGE + "edit/")
BUTTONS = (PAGE + "publish/", PAGE + "go-live/", PAGE + "unpublish/")


@pytest.fixture
def owner() -> Visitor:
    return Visitor(make_member())


@pytest.fixture
def fabrikam() -> Visitor:
    return Visitor(make_member(publisher=make_publisher("fabrikam")))


# Registering


def test_an_offer_is_registered_as_a_draft_and_its_page_says_what_comes_next(owner: Visitor) -> None:
    destination = make_destination()
    page = owner.sent_on("/offers/register/", **GOOD, summary="For sales teams.", destinations=[destination.pk])
    offer = Offer.objects.get()
    assert (offer.full_id, offer.status, offer.title) == ("contoso.crm", "draft", "Contoso CRM")
    assert offer.storefronts == ["azure_marketplace", "appsource"]
    assert list(offer.destinations.all()) == [destination]
    assert "For sales teams." in page.text
    assert page.next_things() == ["Publish"]


def test_an_offer_needs_no_destination(owner: Visitor) -> None:
    page = owner.sent_on("/offers/register/", **GOOD)
    assert "Its leads go nowhere yet." in page.text
    assert page.next_things() == ["Connect a destination"]
    assert PAGE + "publish/" in page.posts_to()


def test_the_form_shows_the_full_id_as_it_will_be(owner: Visitor) -> None:
    assert '<div class="affix"><span>contoso.</span><input' in owner.see("/offers/register/").html


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"title": ""}, "Title must be filled in: it is what customers read."),
        ({"title": "x" * 201}, "Title must be at most 200 characters."),
        ({"title": "a\x00b"}, "Null characters are not allowed."),
        ({"summary": "x" * 501}, "Summary must be at most 500 characters."),
        ({"offer_id": ""}, "Offer id must be filled in: 3 to 50 of a-z, 0-9, - and _."),
        ({"offer_id": "CRM 2"}, "Use 3 to 50 of a-z, 0-9, - and _."),
        ({"offer_id": "ab"}, "Use 3 to 50 of a-z, 0-9, - and _."),
        ({"offer_id": "taken"}, "contoso.taken is registered already. Choose another offer id."),
        ({"storefronts": []}, "Storefronts must name at least one: an offer is sold somewhere."),
        ({"storefronts": ["ebay"]}, "Select a valid choice. ebay is not one of the available choices."),
        ({"destinations": ["0"]}, "Where its leads go must be destinations of yours."),
    ],
)
def test_bad_input_is_named_under_its_field_and_nothing_typed_is_lost(
    owner: Visitor, wrong: dict[str, Any], sentence: str
) -> None:
    make_offer("taken")
    make_destination()
    page = owner.send("/offers/register/", **GOOD | {"summary": "Kept words"} | wrong)
    [field] = wrong
    assert page.status == 200
    assert f'<span class="error" id="id_{field}_error">{sentence}</span>' in page.html
    assert Offer.objects.count() == 1
    assert field == "summary" or "Kept words" in page.html
    assert field == "offer_id" or 'value="crm"' in page.html


def test_an_empty_form_names_every_field_that_must_be_filled(owner: Visitor) -> None:
    page = owner.send("/offers/register/")
    assert page.html.count('class="error"') == 3
    assert not Offer.objects.exists()


def test_two_who_register_one_id_at_once_get_one_offer_and_a_sentence(
    owner: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_offer()
    monkeypatch.setattr("portal.forms.offers.RegisterForm.clean_offer_id", lambda form: form.cleaned_data["offer_id"])
    page = owner.send("/offers/register/", **GOOD)
    assert page.status == 200
    assert "already exists" in page.text


def test_somebody_elses_destination_cannot_be_chosen(owner: Visitor) -> None:
    foreign = make_destination("Foreign", publisher=make_publisher("fabrikam"))
    make_destination("Ours")
    assert "Foreign" not in owner.see("/offers/register/").text
    page = owner.send("/offers/register/", **GOOD, destinations=[foreign.pk])
    assert "Where its leads go must be destinations of yours." in page.text
    assert not Offer.objects.exists()


# Changing


def test_an_offer_is_changed_and_routed(owner: Visitor) -> None:
    one, two = make_destination("One"), make_destination("Two")
    offer = make_offer(routes=(one,))
    page = owner.sent_on(PAGE + "edit/", title="New title", storefronts=["appsource"], destinations=[two.pk])
    offer.refresh_from_db()
    assert (offer.title, offer.storefronts, offer.status) == ("New title", ["appsource"], "live")
    assert list(offer.destinations.all()) == [two]
    assert "Saved. It counts from the next lead on." in page.text


def test_all_destinations_can_be_taken_away(owner: Visitor) -> None:
    offer = make_offer(routes=(make_destination(),))
    owner.sent_on(PAGE + "edit/", title="CRM", storefronts=["appsource"])
    assert not offer.destinations.exists()


def test_the_form_shows_what_is_stored_and_how_destinations_are(owner: Visitor) -> None:
    destination = make_destination()
    make_offer(routes=(destination,))
    Destination.objects.update(state="held", problem="It refused us.")
    page = owner.see(PAGE + "edit/")
    assert 'value="Contoso CRM"' in page.html
    assert "Sales endpoint (HTTPS endpoint, held)" in page.text
    assert f'value="{destination.pk}" id="id_destinations_0" checked' in page.html
    assert "offer_id" not in page.html


def test_a_wrong_change_changes_nothing(owner: Visitor) -> None:
    make_offer()
    page = owner.send(PAGE + "edit/", title="", storefronts=["appsource"])
    assert "Title must be filled in" in page.text
    assert Offer.objects.get().title == "Contoso CRM"


# The list


def test_the_list_shows_each_offer_with_its_numbers(owner: Visitor) -> None:
    make_lead(make_offer(routes=(make_destination(),)))
    make_offer("backup", status="draft", title="Contoso Backup")
    page = owner.see("/offers/")
    assert page.links()["Contoso CRM"] == PAGE
    assert f"contoso.crm Live {DASH} 1 {DASH} Sales endpoint Good" in page.text
    assert f"Draft no leads yet {DASH} {DASH} {DASH} Choose a destination {DASH}" in page.text


def test_the_list_is_filtered_by_status_in_the_address(owner: Visitor) -> None:
    make_offer()
    make_offer("backup", status="draft", title="Contoso Backup")
    assert "Contoso CRM" not in owner.see("/offers/?status=draft").links()
    assert "No offer has this status" in owner.see("/offers/?status=preview").text


def test_the_list_turns_its_pages(owner: Visitor) -> None:
    for number in range(51):
        make_offer(f"offer-{number:02}", title=f"Offer {number:02}")
    first = owner.see("/offers/?status=live")
    assert "Offer 00" not in first.links()
    second = owner.see("/offers/" + first.links()["Older"])
    assert [words for words in second.links() if words.startswith("Offer ")] == ["Offer 00"]
    assert second.links()["Back to the newest"] == "?status=live"


def test_a_page_that_the_list_did_not_give_out_shows_the_newest(owner: Visitor) -> None:
    make_offer()
    page = owner.see("/offers/?cursor=nonsense")
    assert page.status == 200
    assert "Contoso CRM" in page.links()


def test_more_offers_cost_the_list_no_more_queries(owner: Visitor) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert owner.see("/offers/").status == 200
        return len(seen)

    make_offer("first", routes=(make_destination("First"),))
    few = queries()
    for number in range(5):
        make_offer(f"offer-{number}", routes=(make_destination(f"Destination {number}"),))
    assert queries() == few <= 8


def test_an_empty_list_says_what_to_do(owner: Visitor) -> None:
    page = owner.see("/offers/")
    assert page.links()["Register your first offer"] == "/offers/register/"


# Who may


@pytest.mark.parametrize("role", ["owner", "developer"])
def test_owners_and_developers_are_offered_all_buttons(role: str) -> None:
    make_offer(status="preview")
    visitor = Visitor(make_member(role))
    page = visitor.see(PAGE)
    assert PAGE + "go-live/" in page.posts_to()
    assert PAGE + "unpublish/" in page.posts_to()
    assert [visitor.see(form).status for form in FORMS] == [200, 200]


@pytest.mark.parametrize("role", ["marketing", "viewer"])
def test_marketing_and_viewers_look_and_change_nothing(role: str) -> None:
    make_offer(status="preview", routes=(make_destination(),))
    visitor = Visitor(make_member(role))
    for address in (PAGE, "/offers/"):
        page = visitor.see(address)
        assert page.status == 200
        assert page.posts_to() == []
        assert "/edit/" not in page.html
        assert "/register/" not in page.html
    for address in (*FORMS, *BUTTONS):
        refused = visitor.send(address)
        assert refused.status == 403
        assert "Only owners and developers change offers and destinations." in refused.text
    assert visitor.see(FORMS[0]).status == 403
    assert Offer.objects.get().status == "preview"
    assert not Publication.objects.exists()


def test_another_publishers_offer_is_not_there(fabrikam: Visitor) -> None:
    make_offer(status="preview")
    for address in (PAGE, PAGE + "edit/", PAGE + "steps/", "/offers/contoso.nothing/"):
        assert fabrikam.see(address).status == 404
    for address in (PAGE + "edit/", *BUTTONS):
        assert fabrikam.send(address).status == 404
    assert "Contoso CRM" not in fabrikam.see("/offers/").text
    assert Offer.objects.get().status == "preview"


def test_nobody_gets_anywhere_without_signing_in() -> None:
    make_offer(status="preview")
    visitor = Visitor()
    for address in ("/offers/", PAGE, PAGE + "steps/", *FORMS):
        assert visitor.see(address).leads_to == f"/sign-in/?next={address}"
    for address in (*FORMS, *BUTTONS):
        assert visitor.send(address).leads_to == f"/sign-in/?next={address}"
    assert Offer.objects.get().status == "preview"


@pytest.mark.parametrize("address", BUTTONS)
def test_following_a_link_changes_nothing(owner: Visitor, address: str) -> None:
    make_offer(status="preview")
    assert owner.see(address).status == 405
    assert Offer.objects.get().status == "preview"
