from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count
from uuid import UUID

import pytest
from django.db import close_old_connections, connections
from django.utils import timezone
from pytest_django.fixtures import Settings

from leads.models import Contact, Notice, Offer
from leads.notify import contacts, mail, new_leads
from leads.notify.contacts import Wishes
from leads.taxonomy import Action, Source
from tests.factories import make_destination, make_lead, make_offer, make_publisher
from tests.leads.clock import Clock
from tests.leads.clock import clock as clock
from tests.leads.postbox import Postbox, postbox
from tests.leads.told import ADA, GRACE, last, links, subjects, want

pytestmark = pytest.mark.django_db

SOMEBODY = {
    "first_name": "Rosalind",
    "last_name": "Elsie",
    "email": "rosalind@kings.example",
    "phone": "+44 20 7946 0000",
    "company": "Kings College",
    "title": "Crystallographer",
    "country": "GB",
}
PERSONAL = [*SOMEBODY.values(), "please call me", "campaign-77"]


@pytest.fixture
def offer(clock: Clock) -> Offer:
    return make_offer()


@pytest.fixture
def box(settings: Settings) -> Iterator[Postbox]:
    with postbox() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


def somebody(offer: Offer, **given: object) -> UUID:
    said = {"description": "please call me", "extra": {"campaign": "campaign-77"}}
    return make_lead(offer, **SOMEBODY | said | given).lead_id  # type: ignore[arg-type] # the fields of a contact


def look(clock: Clock, **after: float) -> None:
    clock.turn(**after)
    new_leads.look()


def test_a_lead_is_told_of_within_seconds(offer: Offer, clock: Clock) -> None:
    want(new_leads=True)
    clock.turn(hours=3)
    make_lead(offer)
    look(clock, seconds=9)
    assert subjects() == [], "a lead received before may not have been committed yet"
    look(clock, seconds=1)
    assert subjects() == ["New lead for Contoso CRM: Get it now"]
    assert links(last()) == ["/leads/", "/notifications/"]


def test_every_contact_who_wants_it_is_told_and_nobody_else(offer: Offer, clock: Clock) -> None:
    want(ADA, new_leads=True)
    want(GRACE, new_leads=True, personal_data=True)
    want("quiet@contoso.example", problems=True, digest=True)
    want("mallory@fabrikam.example", publisher=make_publisher("fabrikam"), new_leads=True, personal_data=True)
    clock.turn(minutes=9)
    make_lead(offer)
    look(clock, minutes=1)
    assert sorted(Notice.objects.values_list("recipient", flat=True)) == [ADA, GRACE]


def test_many_leads_are_one_mail_with_their_number(offer: Offer, clock: Clock) -> None:
    want(new_leads=True)
    clock.turn(minutes=9)
    other = make_offer("firewall", title="Contoso Firewall")
    for number in range(7):
        make_lead(offer, f"buyer-{number}@example.com")
    make_lead(other, source=Source.APPSOURCE, action=Action.PARTNER_LED_TRIAL)
    look(clock, minutes=1)
    assert subjects() == ["8 new leads"]
    assert last().body.startswith("7 x Get it now, Contoso CRM\n1 x Contact me, Contoso Firewall\n")


def test_a_contact_gets_at_most_one_mail_in_five_minutes(offer: Offer, clock: Clock) -> None:
    want(new_leads=True)
    clock.turn(minutes=9)
    for number in range(36):
        make_lead(offer, f"buyer-{number}@example.com")
        look(clock, seconds=20)
    look(clock, minutes=6)
    assert len(subjects()) == 4, "twelve minutes, and one for the last ones"
    told = [int(subject.split()[0]) if subject[0].isdigit() else 1 for subject in subjects()]
    assert sum(told) == 36, "each lead is told of, and none twice"


def test_looks_without_leads_tell_nothing_and_lose_nothing(offer: Offer, clock: Clock) -> None:
    want(new_leads=True)
    for _ in range(100):
        look(clock, minutes=3)
    make_lead(offer)
    look(clock, minutes=1)
    assert len(subjects()) == 1


def test_leads_from_before_it_was_asked_for_are_not_told_of(offer: Offer, clock: Clock) -> None:
    make_lead(offer)
    contact = want(problems=True)
    clock.turn(minutes=1)
    contacts.change(contact, Wishes(new_leads=True))
    look(clock, minutes=10)
    assert subjects() == []
    make_lead(offer)
    look(clock, minutes=1)
    assert len(subjects()) == 1


def test_other_wishes_that_change_do_not_make_leads_untold(offer: Offer, clock: Clock) -> None:
    contact = want(new_leads=True)
    clock.turn(minutes=9)
    make_lead(offer)
    contacts.change(Contact.objects.get(pk=contact.pk), Wishes(new_leads=True, digest=True))
    look(clock, minutes=1)
    assert len(subjects()) == 1


def test_tests_and_previews_are_no_new_leads(clock: Clock) -> None:
    want(new_leads=True)
    clock.turn(minutes=9)
    make_lead(make_offer(status="preview", routes=(make_destination(),)))
    look(clock, minutes=1)
    assert subjects() == []


# Personal data


def test_no_personal_data_leaves_by_mail_unless_it_is_switched_on(offer: Offer, clock: Clock, box: Postbox) -> None:
    want(ADA, new_leads=True, digest=True, problems=True)
    clock.turn(minutes=9)
    lead = somebody(offer)
    look(clock, minutes=1)
    assert mail.send_due() == 1
    [taken] = box.taken
    sent = taken.data + taken.text.encode()
    assert [word for word in [*PERSONAL, str(lead)] if word.encode() in sent] == []
    assert b"New lead for Contoso CRM" in sent


def test_switched_on_the_mail_names_the_person_and_leads_to_the_lead(offer: Offer, clock: Clock) -> None:
    want(new_leads=True, personal_data=True)
    clock.turn(minutes=9)
    lead = somebody(offer)
    look(clock, minutes=1)
    assert "12:09  Get it now, Contoso CRM\n" in last().body
    assert "Rosalind Elsie, Crystallographer, Kings College, GB\n" in last().body
    assert "rosalind@kings.example, +44 20 7946 0000\n" in last().body
    assert links(last()) == [f"/leads/{lead}/", "/leads/", "/notifications/"]
    assert "Rosalind" not in last().subject


@pytest.mark.parametrize(
    "given", [{"consent": False}, {"source": Source.APPSOURCE, "action": Action.DO_NOT_CONTACT}], ids=["consent", "DNC"]
)
def test_who_does_not_want_to_be_contacted_is_not_named(offer: Offer, clock: Clock, given: dict[str, object]) -> None:
    want(new_leads=True, personal_data=True)
    clock.turn(minutes=9)
    somebody(offer, **given)
    look(clock, minutes=1)
    assert "Asked not to be contacted, so not named here." in last().body
    assert [word for word in PERSONAL if word in last().body] == []


def test_who_asked_later_not_to_be_contacted_is_not_named_either(offer: Offer, clock: Clock) -> None:
    want(new_leads=True, personal_data=True)
    clock.turn(minutes=9)
    somebody(offer)
    somebody(offer, source=Source.APPSOURCE, action=Action.DO_NOT_CONTACT)
    look(clock, minutes=1)
    assert "Rosalind" not in last().body


def test_somebody_without_a_name_is_still_shown(offer: Offer, clock: Clock) -> None:
    want(new_leads=True, personal_data=True)
    clock.turn(minutes=9)
    make_lead(offer, "", phone="+44 20 7946 0000")
    look(clock, minutes=1)
    assert "No name\n       +44 20 7946 0000\n" in last().body


def test_a_flood_is_named_in_part_and_counted_whole(offer: Offer, clock: Clock) -> None:
    want(new_leads=True, personal_data=True)
    clock.turn(minutes=9)
    for number in range(23):
        make_lead(offer, f"buyer-{number:02}@example.com")
    look(clock, minutes=1)
    assert last().body.count("@example.com\n       http") == 20
    assert last().body.index("buyer-00") < last().body.index("buyer-19")
    assert "And 3 more." in last().body


# Crashes, crowds, and who left


def test_a_crash_before_the_mail_is_in_the_outbox_loses_no_lead(
    offer: Offer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object, **__: object) -> None:
        raise RuntimeError("out of memory")

    want(new_leads=True)
    clock.turn(minutes=9)
    make_lead(offer)
    with monkeypatch.context() as broken:
        broken.setattr(new_leads, "tell", crash)
        with pytest.raises(RuntimeError, match="out of memory"):
            look(clock, minutes=1)
    look(clock, seconds=1)
    assert len(subjects()) == 1


@pytest.mark.django_db(transaction=True)
def test_looks_at_once_tell_once(offer: Offer, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    def work(_: int) -> None:
        try:
            new_leads.look()
        finally:
            connections.close_all()

    want(new_leads=True)
    clock.turn(minutes=9)
    make_lead(offer)
    clock.turn(minutes=1)
    moments = count()
    monkeypatch.setattr(timezone, "now", lambda: clock.now + timedelta(microseconds=next(moments)))
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(work, range(12)))
    close_old_connections()
    assert len(subjects()) == 1


def test_who_is_removed_gets_not_even_what_was_on_its_way(offer: Offer, clock: Clock) -> None:
    contact = want(new_leads=True)
    want(GRACE, new_leads=True)
    clock.turn(minutes=9)
    make_lead(offer)
    look(clock, minutes=1)
    contacts.remove(contact)
    assert list(Notice.objects.values_list("recipient", flat=True)) == [GRACE]
    assert list(Contact.objects.values_list("email", flat=True)) == [GRACE]


def test_an_address_that_two_publishers_have_is_removed_from_one(clock: Clock) -> None:
    theirs = want(publisher=make_publisher("fabrikam"))
    contacts.test(want())
    contacts.test(theirs)
    contacts.remove(theirs)
    assert [notice.publisher.slug for notice in Notice.objects.all()] == ["contoso"]


def test_a_test_mail_can_be_asked_for_once_a_minute(clock: Clock) -> None:
    contact = want()
    for _ in range(5):
        contacts.test(contact)
    assert subjects() == ["Mail from the portal arrives"]
    clock.turn(minutes=1)
    contacts.test(contact)
    assert len(subjects()) == 2
