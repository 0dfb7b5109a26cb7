from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from leads import destinations, offers, publishing
from leads.models import Destination, Offer, Publication, PublicationStep
from tests.factories import make_destination, make_lead, make_member, make_offer
from tests.portal.visitor import Visitor

pytestmark = pytest.mark.django_db

PAGE = "/offers/contoso.crm/"


@pytest.fixture
def owner() -> Visitor:
    return Visitor(make_member())


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
