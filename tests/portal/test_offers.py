from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from leads import destinations, offers, publishing
from leads.models import Destination, Offer, Publication, PublicationStep
from portal.templatetags.portal_tags import DASH, STATES, TONE_OF, state
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


def set_steps(offer: Offer, *states: str, finished: bool = True) -> Publication:
    """Let an offer's running publication be as far as this."""
    publication = offer.publications.get(finished_at=None)
    now = timezone.now()
    for step, reached in zip(publication.steps.all(), states, strict=True):
        step.state, step.started_at = reached, now
        step.finished_at = now + timedelta(seconds=0.4) if reached in ("passed", "failed") else None
        step.sentence = {"passed": "It held.", "failed": "Sign-in: it refused us (401)."}.get(reached, "")
        step.fix = "Save the right password." if reached == "failed" else ""
        step.save()
    publication.finished_at = now + timedelta(seconds=1) if finished else None
    publication.save()
    return publication


def failed_offer(*, status: str = Offer.Status.DRAFT) -> tuple[Offer, Destination]:
    destination = make_destination()
    offer = make_offer(status=status, routes=(destination,))
    publishing.publish(offer)
    set_steps(offer, "failed", "pending", "pending")
    Offer.objects.filter(pk=offer.pk).update(status=status)
    return offer, destination


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


# The page


def test_a_live_offer_has_nothing_to_do(owner: Visitor) -> None:
    make_lead(make_offer(routes=(make_destination(),)))
    page = owner.see(PAGE)
    assert "Nothing to do. Customers find it, and its leads go out." in page.text
    assert page.next_things() == []
    assert "1 customer 1 lead of theirs" in page.text
    assert page.links()["Azure Marketplace"] == "/store/azure-marketplace/contoso.crm/"
    assert page.links()["AppSource"] == "/store/appsource/contoso.crm/"
    assert page.links()["See its leads"] == "/leads/?offer=contoso.crm"


def test_a_live_offer_with_a_held_destination_leads_to_its_settings(owner: Visitor) -> None:
    destination = make_destination()
    make_offer(routes=(destination,))
    Destination.objects.update(state="held", problem="It refused us.", problem_fix="Save the right password.")
    page = owner.see(PAGE)
    assert "Sales endpoint: It refused us. Save the right password." in page.text
    assert page.next_things() == ["Mend the settings"]


def test_a_live_offer_without_destination_is_asked_to_choose_one(owner: Visitor) -> None:
    make_destination()
    make_offer()
    page = owner.see(PAGE)
    assert page.next_things() == ["Choose a destination"]
    assert page.links()["Choose a destination"] == PAGE + "edit/#id_destinations"


def test_a_draft_is_not_linked_to_the_storefront(owner: Visitor) -> None:
    make_offer(status="draft")
    assert "/store/" not in owner.see(PAGE).html


def test_the_plan_of_publishing_is_shown_before_it_starts(owner: Visitor) -> None:
    make_offer(status="draft", routes=(make_destination(),))
    text = owner.see(PAGE).text
    assert "Check connection: Sales endpoint Test lead: Sales endpoint Preview" in text


# Publishing


def test_publishing_shows_its_steps_and_asks_again_each_second(owner: Visitor) -> None:
    offer = make_offer(status="draft", routes=(make_destination(),))
    owner.send(PAGE + "publish/")
    set_steps(offer, "passed", "running", "pending", finished=False)
    page = owner.see(PAGE)
    assert f'hx-get="{PAGE}steps/" hx-trigger="every 1s"' in page.html
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in page.html
    assert "Check connection: Sales endpoint: Passed It held." in page.text
    assert "Test lead: Sales endpoint: Running Under way …" in page.text
    assert page.next_things() == []
    assert Publication.objects.get().started_by is not None


def test_a_second_press_does_not_start_a_second_publication(owner: Visitor) -> None:
    make_offer(status="draft", routes=(make_destination(),))
    owner.send(PAGE + "publish/")
    owner.send(PAGE + "publish/")
    assert Publication.objects.count() == 1


def test_the_part_with_the_steps_comes_alone_and_ends_with_a_reload(owner: Visitor) -> None:
    offer = make_offer(status="draft", routes=(make_destination(),))
    publishing.publish(offer)
    part = owner.see(PAGE + "steps/", **{"HX-Request": "true"})
    assert part.html.strip().startswith("<ol")
    assert "hx-get" in part.html
    set_steps(offer, "passed", "passed", "passed")
    assert owner.see(PAGE + "steps/", **{"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    assert owner.see(PAGE + "steps/").leads_to == PAGE


def test_a_failing_step_says_what_to_do_and_leads_there(owner: Visitor) -> None:
    _, destination = failed_offer()
    page = owner.see(PAGE)
    assert 'Publishing stopped at "Check connection: Sales endpoint".' in page.text
    assert "Sign-in: it refused us (401). Save the right password." in page.text
    assert page.next_things() == ["Open Sales endpoint"]
    assert page.links()["Open Sales endpoint"] == f"/destinations/{destination.pk}/"
    assert "0.4 s" in page.text


def test_once_the_destination_is_changed_the_next_thing_is_to_publish_again(owner: Visitor) -> None:
    _, destination = failed_offer()
    PublicationStep.objects.filter(state="failed").update(finished_at=timezone.now() - timedelta(minutes=1))
    destinations.change(destination, config=destination.config | {"url": "https://new.contoso.example/in"})
    page = owner.see(PAGE)
    assert "Publish it again: what failed was changed since." in page.text
    assert page.next_things() == ["Publish"]


def test_an_offer_that_leaves_the_failing_destination_is_ready_to_publish_again(owner: Visitor) -> None:
    offer, _ = failed_offer()
    offers.route(offer, [make_destination("Another")])
    assert owner.see(PAGE).next_things() == ["Publish"]


def test_a_live_offer_whose_new_publication_failed_stays_live(owner: Visitor) -> None:
    failed_offer(status=Offer.Status.LIVE)
    assert "The offer stays live." in owner.see(PAGE).text


def test_in_preview_the_publisher_tries_it_and_signs_it_off(owner: Visitor) -> None:
    offer = make_offer(status="preview", routes=(make_destination(),))
    page = owner.see(PAGE)
    assert page.next_things() == ["Go live"]
    assert page.links()["Try it on Azure Marketplace"] == "/store/azure-marketplace/contoso.crm/"
    assert page.links()["Try it on AppSource"] == "/store/appsource/contoso.crm/"
    page = owner.sent_on(PAGE + "go-live/")
    offer.refresh_from_db()
    assert offer.status == "live"
    assert "Contoso CRM is live." in page.text


def test_a_draft_cannot_go_live(owner: Visitor) -> None:
    offer = make_offer(status="draft")
    page = owner.sent_on(PAGE + "go-live/")
    offer.refresh_from_db()
    assert offer.status == "draft"
    assert "Publish the offer first: it goes live from preview." in page.text


def test_unpublishing_asks_first_and_is_always_possible(owner: Visitor) -> None:
    offer = make_offer()
    page = owner.see(PAGE)
    assert "Customers will no longer find it." in page.text
    assert PAGE + "unpublish/" in page.posts_to()
    page = owner.sent_on(PAGE + "unpublish/")
    offer.refresh_from_db()
    assert offer.status == "draft"
    assert "Leads that still come are kept." in page.text
    assert PAGE + "unpublish/" not in page.posts_to()


def test_earlier_publications_are_remembered(owner: Visitor) -> None:
    offer, _ = failed_offer()
    publishing.publish(offer)
    publishing.unpublish(offer)
    publishing.publish(offer)
    set_steps(offer, "passed", "passed", "passed")
    text = owner.see(PAGE).text
    history = text[text.index("Earlier publications") :]
    assert history.index("Cut short The offer was unpublished meanwhile.") < history.index(
        "Failed Check connection: Sales endpoint. Sign-in: it refused us (401)."
    )


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


def test_every_state_has_a_word_a_colour_and_a_shape() -> None:
    words = {str(value): str(label) for states in STATES for value, label in states.choices}
    shown = {value: state(value) for value in words}
    assert {value: parts["word"] for value, parts in shown.items()} == words
    assert {parts["tone"] for parts in shown.values()} == {"good", "wait", "bad", "odd", "off"}
    assert TONE_OF.keys() == words.keys()
