from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from leads.models import Contact, Notice
from leads.notify import contacts, mail
from leads.notify.contacts import Wishes
from tests.factories import make_member, make_publisher
from tests.leads.postbox import Postbox, postbox
from tests.portal.visitor import Visitor

pytestmark = pytest.mark.django_db

PAGE = "/notifications/"
ADA, GRACE = "ada@contoso.example", "grace@contoso.example"
PROBLEMS = {"problems": "on"}


@pytest.fixture
def owner() -> Visitor:
    return Visitor(make_member())


@pytest.fixture
def box(settings: Settings) -> Iterator[Postbox]:
    with postbox() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


def have(*emails: str, slug: str = "contoso", **wishes: bool) -> list[Contact]:
    publisher = make_publisher(slug)
    contacts.add(publisher, emails, Wishes(**wishes or {"problems": True}))
    return list(Contact.objects.filter(publisher=publisher, email__in=emails).order_by("pk"))


def emails() -> list[str]:
    return sorted(Contact.objects.values_list("email", flat=True))


# The page


def test_without_contacts_the_page_says_why_to_have_one(owner: Visitor) -> None:
    page = owner.see(PAGE)
    assert "Nobody is told yet" in page.text
    assert "its leads wait until somebody looks here" in page.text
    assert "Nothing in the last 30 days." in page.text
    assert page.next_things() == ["Add"]


def test_the_bar_leads_there(owner: Visitor) -> None:
    assert owner.see("/").links()["Notifications"] == PAGE
    assert 'href="/notifications/" aria-current="page"' in owner.see(PAGE).html


def test_who_is_told_of_what_is_said_in_words(owner: Visitor) -> None:
    have(ADA, problems=True, digest=True)
    have(GRACE, new_leads=True, personal_data=True)
    page = owner.see(PAGE)
    assert "ada@contoso.example Problems · Daily digest" in page.text
    assert "grace@contoso.example New leads, by name" in page.text


def test_what_was_told_is_listed_newest_first_with_what_became_of_it(owner: Visitor) -> None:
    ada, grace = have(ADA, GRACE)
    for contact in (ada, grace):
        contacts.test(contact)
    Notice.objects.filter(recipient=ADA).update(sent_at=timezone.now())
    Notice.objects.filter(recipient=GRACE).update(refused_at=timezone.now(), problem="550 5.1.1 no such user")
    page = owner.see(PAGE)
    assert "The mail server refused the last mail: 550 5.1.1 no such user" in page.text
    _, _, told = page.text.partition("Lately told")
    assert told.index(f"Mail from the portal arrives {GRACE} Refused") < told.index(f"{ADA} Sent today")


def test_a_mail_that_waits_says_so(owner: Visitor) -> None:
    [ada] = have(ADA)
    contacts.test(ada)
    assert "A mail is on its way." in owner.see(PAGE).text
    Notice.objects.update(problem="451 come back later", due_at=timezone.now() + timedelta(minutes=2))
    assert "The last mail waits to be sent again. 451 come back later" in owner.see(PAGE).text


def test_older_mails_are_a_page_away(owner: Visitor) -> None:
    [ada] = have(ADA)
    fields = {"publisher": ada.publisher, "kind": "test", "recipient": ADA, "body": "", "due_at": timezone.now()}
    Notice.objects.bulk_create(Notice(subject=f"Mail {n:02}", about=f"thing {n}", **fields) for n in range(51))
    newest = owner.see(PAGE)
    assert ("Mail 50" in newest.text, "Mail 00" in newest.text) == (True, False)
    assert "Mail 00" in owner.see(PAGE + newest.links()["Older"]).text


def test_the_page_costs_the_same_however_many_are_told(owner: Visitor) -> None:
    for contact in have(ADA):
        contacts.test(contact)
    with CaptureQueriesContext(connection) as few:
        owner.see(PAGE)
    for contact in have(*(f"person-{number}@contoso.example" for number in range(9))):
        contacts.test(contact)
    with CaptureQueriesContext(connection) as many:
        owner.see(PAGE)
    assert len(many) == len(few) <= 9


# Adding


def test_an_address_is_added(owner: Visitor) -> None:
    page = owner.sent_on(PAGE, emails=ADA, problems="on", new_leads="on")
    [contact] = Contact.objects.all()
    assert (contact.email, contact.publisher.slug) == (ADA, "contoso")
    assert (contact.problems, contact.digest, contact.new_leads, contact.personal_data) == (True, False, True, False)
    assert f"{ADA} will be told from now on." in page.text


@pytest.mark.parametrize(
    "text",
    [
        f"{ADA},{GRACE}",
        f"{ADA}; {GRACE};",
        f"{ADA}\r\n{GRACE}\r\n",
        f"  {ADA}   {GRACE} ",
        f"Ada Lovelace <{ADA}>, Grace <{GRACE}>",
        f'"Lovelace, Ada" <{ADA}>; {GRACE}'.replace(", Ada", " Ada"),
        f"ADA@Contoso.Example, {GRACE}, {ADA}",
    ],
)
def test_several_addresses_are_added_at_once_however_they_are_written(owner: Visitor, text: str) -> None:
    owner.sent_on(PAGE, emails=text, **PROBLEMS)
    assert emails() == [ADA, GRACE]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"emails": ""}, "Addresses must name at least one, such as someone@example.com."),
        ({"emails": ",;"}, "Addresses must name at least one, such as someone@example.com."),
        ({"emails": f"{ADA}, ada@, {GRACE}"}, "ada@ is not an address. Nobody has been added yet."),
        ({"emails": "ada, grace@contoso"}, "ada and grace@contoso are not addresses. Nobody has been added yet."),
        ({"emails": f"ada@contoso.example\x00, {GRACE}"}, "Null characters are not allowed."),
        ({"emails": "a" * 250 + "@contoso.example"}, "is not an address. Nobody has been added yet."),
        ({"emails": "Known@contoso.example"}, "known@contoso.example is in the list already. Nobody has been"),
        ({"problems": ""}, "Choose what to tell: Problems, Daily digest or New leads."),
        ({"personal_data": "on"}, "Names go with new leads: choose New leads too."),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_added_nor_lost(
    owner: Visitor, given: dict[str, str], sentence: str
) -> None:
    have("known@contoso.example")
    sent = {"emails": ADA, **PROBLEMS, **given}
    page = owner.send(PAGE, **{name: value for name, value in sent.items() if value})
    assert page.status == 200
    assert sentence in page.text
    assert emails() == ["known@contoso.example"]
    assert given.get("emails", ADA).partition("\x00")[0][:20] in page.text


def test_there_may_be_fifty(owner: Visitor) -> None:
    have(*(f"person-{number}@contoso.example" for number in range(49)))
    page = owner.send(PAGE, emails=f"{ADA}, {GRACE}", **PROBLEMS)
    assert "At most 50 addresses can be told; there are 49 already." in page.text
    owner.sent_on(PAGE, emails=ADA, **PROBLEMS)
    assert len(emails()) == 50


def test_what_is_typed_is_shown_as_text(owner: Visitor) -> None:
    page = owner.send(PAGE, emails="<script>alert(1)</script>", **PROBLEMS)
    assert "<script>alert" not in page.html


# Changing and removing


def test_what_somebody_is_told_of_can_be_changed(owner: Visitor) -> None:
    [ada] = have(ADA)
    address = f"{PAGE}{ada.pk}/"
    assert owner.see(PAGE).links()["Change"] == address
    form = owner.see(address)
    assert ('name="problems" ' in form.html, form.html.count(" checked")) == (True, 1)
    page = owner.sent_on(address, digest="on", new_leads="on", personal_data="on")
    assert "ada@contoso.example Daily digest · New leads, by name" in page.text


def test_a_change_that_says_nothing_is_not_saved(owner: Visitor) -> None:
    [ada] = have(ADA)
    page = owner.send(f"{PAGE}{ada.pk}/")
    assert "Choose what to tell: Problems, Daily digest or New leads." in page.text
    assert Contact.objects.get().problems


def test_somebody_can_be_removed(owner: Visitor) -> None:
    ada, _ = have(ADA, GRACE)
    assert f"{PAGE}{ada.pk}/remove/" in owner.see(f"{PAGE}{ada.pk}/").posts_to()
    page = owner.sent_on(f"{PAGE}{ada.pk}/remove/")
    assert f"{ADA} is told nothing any more." in page.text
    assert emails() == [GRACE]


# The test mail


def test_a_test_mail_arrives_and_the_page_says_so(owner: Visitor, box: Postbox) -> None:
    [ada] = have(ADA)
    assert f"{PAGE}{ada.pk}/test/" in owner.see(PAGE).posts_to()
    page = owner.sent_on(f"{PAGE}{ada.pk}/test/")
    assert f"A test mail to {ADA} is on its way." in page.text
    assert mail.send_due() == 1
    assert [(taken.recipient, taken.message["Subject"]) for taken in box.taken] == [
        (ADA, "Mail from the portal arrives")
    ]
    assert "Last mail today" in owner.see(PAGE).text


def test_pressed_twice_it_is_sent_once(owner: Visitor, box: Postbox, monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)
    [ada] = have(ADA)
    for _ in range(2):
        owner.send(f"{PAGE}{ada.pk}/test/")
    assert mail.send_due() == 1


# Access


@pytest.mark.parametrize("role", ["owner", "developer"])
def test_owners_and_developers_decide_who_is_told(role: str) -> None:
    visitor = Visitor(make_member(role))
    visitor.sent_on(PAGE, emails=ADA, **PROBLEMS)
    [ada] = Contact.objects.all()
    for address in ("test/", "", "remove/"):
        assert visitor.send(f"{PAGE}{ada.pk}/{address}", **PROBLEMS).status == 302


@pytest.mark.parametrize("role", ["marketing", "viewer"])
def test_others_see_who_is_told_and_change_nothing(role: str) -> None:
    [ada] = have(ADA)
    visitor = Visitor(make_member(role))
    page = visitor.see(PAGE)
    assert f"{ADA} Problems" in page.text
    assert page.posts_to() == []
    assert "Change" not in page.links()
    for address in ("", f"{ada.pk}/", f"{ada.pk}/test/", f"{ada.pk}/remove/"):
        assert visitor.send(PAGE + address, emails=GRACE, digest="on").status == 403
    assert visitor.see(f"{PAGE}{ada.pk}/").status == 403
    assert (emails(), Notice.objects.count()) == ([ADA], 0)


def test_a_viewer_is_told_who_can_add_somebody() -> None:
    page = Visitor(make_member("viewer")).see(PAGE)
    assert "An owner or developer of your publisher can add addresses." in page.text


def test_other_publishers_contacts_and_mails_are_not_there(owner: Visitor) -> None:
    [theirs] = have("mallory@fabrikam.example", slug="fabrikam")
    contacts.test(theirs)
    assert "mallory" not in owner.see(PAGE).html
    assert owner.see(f"{PAGE}{theirs.pk}/").status == 404
    for address in ("", "test/", "remove/"):
        assert owner.send(f"{PAGE}{theirs.pk}/{address}", **PROBLEMS).status == 404
    assert (emails(), Notice.objects.count()) == (["mallory@fabrikam.example"], 1)


def test_an_address_that_others_have_can_be_added_too(owner: Visitor) -> None:
    have(ADA, slug="fabrikam")
    owner.sent_on(PAGE, emails=ADA, **PROBLEMS)
    assert emails() == [ADA, ADA]


def test_nobody_gets_in_without_signing_in() -> None:
    [ada] = have(ADA)
    for address in (PAGE, f"{PAGE}{ada.pk}/"):
        assert Visitor().see(address).leads_to == f"/sign-in/?next={address}"
    for address in ("", f"{ada.pk}/", f"{ada.pk}/test/", f"{ada.pk}/remove/"):
        assert Visitor().send(PAGE + address, emails=GRACE, **PROBLEMS).status == 302
    assert emails() == [ADA]


def test_buttons_are_pressed_and_not_followed(owner: Visitor) -> None:
    [ada] = have(ADA)
    for address in ("test/", "remove/"):
        assert owner.see(f"{PAGE}{ada.pk}/{address}").status == 405
